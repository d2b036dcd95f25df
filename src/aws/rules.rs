//! Checks of single values that several services share. The error is a sentence that says what is wrong and what
//! would be right; a value that is not text passes, since its type is checked elsewhere.

#![allow(dead_code)] // with fewer services compiled in, fewer checks are asked for

use ipnet::{Ipv4Net, Ipv6Net};

use crate::value::Value;

/// Runs a check of text.
fn text(value: &Value, check: impl Fn(&str) -> Result<(), String>) -> Result<(), String> {
    value.as_str().map_or(Ok(()), check)
}

/// An IPv4 network in CIDR notation, written with the first address of the network.
pub(super) fn ipv4_network(value: &Value) -> Result<(), String> {
    text(value, |text| match text.parse::<Ipv4Net>() {
        Ok(net) if net.trunc() == net => Ok(()),
        Ok(net) => Err(format!("\"{text}\" has bits set beyond its prefix. The network is \"{}\".", net.trunc())),
        Err(_) => Err(format!("\"{text}\" is not an IPv4 network in CIDR notation, such as \"10.0.0.0/16\".")),
    })
}

/// An IPv6 network in CIDR notation, written with the first address of the network.
pub(super) fn ipv6_network(value: &Value) -> Result<(), String> {
    text(value, |text| match text.parse::<Ipv6Net>() {
        Ok(net) if net.trunc() == net => Ok(()),
        Ok(net) => Err(format!("\"{text}\" has bits set beyond its prefix. The network is \"{}\".", net.trunc())),
        Err(_) => Err(format!("\"{text}\" is not an IPv6 network in CIDR notation, such as \"2001:db8::/64\".")),
    })
}

/// An IPv4 address.
pub(super) fn ipv4_address(value: &Value) -> Result<(), String> {
    text(value, |text| match text.parse::<std::net::Ipv4Addr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("\"{text}\" is not an IPv4 address, such as \"10.0.0.5\".")),
    })
}

/// An Amazon Resource Name.
pub(super) fn arn(value: &Value) -> Result<(), String> {
    text(value, |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let fits = matches!(parts[..], ["arn", partition, service, _, _, resource]
            if partition.starts_with("aws") && !service.is_empty() && !resource.is_empty());
        if fits || text.is_empty() {
            Ok(())
        } else {
            Err(format!("\"{text}\" is not an ARN, such as \"arn:aws:iam::123456789012:role/name\"."))
        }
    })
}

/// Whether two texts are the same IPv6 network: AWS shortens addresses and writes lower case.
pub(super) fn same_network(have: &Value, want: &Value) -> bool {
    let parse = |value: &Value| value.as_str()?.parse::<ipnet::IpNet>().ok();
    matches!((parse(have), parse(want)), (Some(have), Some(want)) if have.trunc() == want.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_written_with_their_first_address() {
        assert!(ipv4_network(&"10.0.0.0/16".into()).is_ok());
        assert_eq!(
            ipv4_network(&"10.0.1.0/16".into()),
            Err("\"10.0.1.0/16\" has bits set beyond its prefix. The network is \"10.0.0.0/16\".".into())
        );
        assert!(ipv4_network(&"10.0.0.0".into()).is_err());
        assert!(ipv6_network(&"2001:db8::/56".into()).is_ok());
        assert!(same_network(&"2001:db8::/56".into(), &"2001:DB8:0::/56".into()));
    }

    #[test]
    fn an_arn_has_six_parts() {
        assert!(arn(&"arn:aws:iam::123456789012:role/name".into()).is_ok());
        assert!(arn(&"arn:aws-cn:s3:::bucket".into()).is_ok());
        assert!(arn(&"role/name".into()).is_err());
    }
}
