//! IP networks in CIDR notation.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::value::{Number, Type, Value};

use super::{Call, CallError, Function, Kind, Outcome, Param, Returns, function, param};

const PREFIX: &[Param] = &[param("prefix", Kind::String)];
const TEXT: Returns = Returns::Always(Kind::String);

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "cidrhost",
        "The address of a host in a network, by number; negative numbers count from the end.",
        &[param("prefix", Kind::String), param("hostnum", Kind::Number)],
        TEXT,
        host,
    ),
    function("cidrnetmask", "The mask of an IPv4 network as an address.", PREFIX, TEXT, |call| {
        let network = Network::parse(call.text(0)).map_err(|reason| invalid(&reason))?;
        if network.width == 128 {
            return Err(CallError::new(format!("IPv6 addresses cannot have a netmask: {}", call.text(0))));
        }
        Ok(Network { address: network.mask(), ..network }.host().into())
    }),
    function(
        "cidrsubnet",
        "A network inside another, by number.",
        &[param("prefix", Kind::String), param("newbits", Kind::Number), param("netnum", Kind::Number)],
        TEXT,
        subnet,
    ),
    function(
        "cidrsubnets",
        "Networks inside another, one after the other.",
        PREFIX,
        Returns::Always(Kind::Strings),
        subnets,
    )
    .rest(param("newbits", Kind::Number)),
];

/// A network; addresses of both families are numbers.
#[derive(Clone, Copy, Debug)]
struct Network {
    address: u128,
    length: u32,
    /// 32 or 128 bits.
    width: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("invalid CIDR address: {text}");
        let (address, length) = text.split_once('/').ok_or_else(bad)?;
        let (address, width) = if address.contains(':') {
            (u128::from(address.parse::<Ipv6Addr>().map_err(|_| bad())?), 128)
        } else {
            (ipv4(address).ok_or_else(bad)?.into(), 32)
        };
        if length.is_empty() || length.len() > 3 || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        let length: u32 = length.parse().map_err(|_| bad())?;
        if length > width {
            return Err(bad());
        }
        let network = Self { address, length, width };
        Ok(Self { address: address & network.mask(), ..network })
    }

    /// All bits of an address.
    fn all(self) -> u128 {
        u128::MAX >> (128 - self.width)
    }

    fn mask(self) -> u128 {
        self.all() & !self.all().checked_shr(self.length).unwrap_or(0)
    }

    fn last(self) -> u128 {
        self.address | (self.all() & !self.mask())
    }

    /// The network of a length that holds an address.
    fn around(self, address: u128, length: u32) -> Self {
        let network = Self { length, ..self };
        Self { address: address & network.mask(), ..network }
    }

    /// The address alone.
    fn host(self) -> String {
        if self.width == 32 {
            return Ipv4Addr::from(u32::try_from(self.address).unwrap_or_default()).to_string();
        }
        Ipv6Addr::from(self.address).to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host(), self.length)
    }
}

/// Decimal even with leading zeros, as Terraform reads it.
fn ipv4(text: &str) -> Option<u32> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() != 4 || !parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    parts.iter().try_fold(0, |address, part| Some(address << 8 | u32::from(part.parse::<u8>().ok()?)))
}

fn invalid(reason: &str) -> CallError {
    CallError::new(format!("invalid CIDR expression: {reason}"))
}

fn big(call: &Call<'_>, at: usize) -> Result<BigInt, CallError> {
    let number = call.number(at);
    let whole = if number.is_integer() { Number::truncated(number) } else { None };
    whole.ok_or_else(|| CallError::new("value must be a whole number"))
}

fn host(call: &Call<'_>) -> Outcome {
    let number = big(call, 1)?;
    let network = Network::parse(call.text(0)).map_err(|reason| invalid(&reason))?;
    let most = BigInt::from(network.last() - network.address);
    let beyond = |number: &BigInt| {
        let message = format!("prefix of {} does not accommodate a host numbered {number}", network.length);
        CallError::new(message)
    };
    let from_start = if number < BigInt::ZERO { &most + 1 + &number } else { number.clone() };
    if from_start > most || from_start < BigInt::ZERO {
        return Err(beyond(&number));
    }
    let offset = from_start.to_u128().unwrap_or_default();
    Ok(Network { address: network.address | offset, ..network }.host().into())
}

fn subnet(call: &Call<'_>) -> Outcome {
    let new_bits = call.int(1)?;
    let number = big(call, 2)?;
    let network = Network::parse(call.text(0)).map_err(|reason| invalid(&reason))?;
    let length = i64::from(network.length).saturating_add(new_bits);
    let length = u32::try_from(length).ok().filter(|&length| length <= network.width).ok_or_else(|| {
        CallError::new(format!("insufficient address space to extend prefix of {} by {new_bits}", network.length))
    })?;
    let beyond =
        || CallError::new(format!("prefix extension of {new_bits} does not accommodate a subnet numbered {number}"));
    let index = number.to_u128().ok_or_else(beyond)?;
    if (0..128).contains(&new_bits) && index >> new_bits != 0 {
        return Err(beyond());
    }
    let shifted = index.checked_shl(network.width - length).unwrap_or(0);
    Ok(network.around(network.address | shifted, length).to_string().into())
}

fn subnets(call: &Call<'_>) -> Outcome {
    let network = Network::parse(call.text(0))
        .map_err(|reason| CallError::at(0, format!("invalid CIDR expression: {reason}")))?;
    let all = network.all();
    let mut result = Vec::new();
    // The network just before the first one, around the end of the address space if need be.
    let mut last = network.address.wrapping_sub(1) & all;
    for at in 1..call.args.len() {
        let bits = call.whole(at)?;
        if bits < 1 {
            return Err(CallError::at(at, "must extend prefix by at least one bit"));
        }
        if bits > 32 {
            return Err(CallError::at(at, "may not extend prefix by more than 32 bits"));
        }
        let length = i64::from(network.length).saturating_add(bits);
        let length = u32::try_from(length).ok().filter(|&length| length <= network.width).ok_or_else(|| {
            let family = if network.width == 32 { "IPv4" } else { "IPv6" };
            let message = format!("would extend prefix to {length} bits, which is too long for an {family} address");
            CallError::at(at, message)
        })?;
        let before = network.around(last, length);
        let next = before.last().wrapping_add(1) & all;
        let fits = next & network.mask() == network.address && (next != 0 || result.is_empty());
        if !fits {
            return Err(CallError::at(
                at,
                format!(
                    "not enough remaining address space for a subnet with a prefix of {length} bits after {before}"
                ),
            ));
        }
        let subnet = network.around(next, length);
        last = subnet.last();
        result.push(subnet.to_string().into());
    }
    Ok(Value::list(Type::String, result))
}
