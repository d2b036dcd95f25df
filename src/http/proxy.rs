//! Which proxy a request goes through.

use std::net::IpAddr;

use ipnet::IpNet;

use super::settings::Proxies;
use super::url::parts;

impl Proxies {
    /// The proxy for this URL, if it needs one. The machine itself is never asked through a proxy.
    pub fn of(&self, url: &str) -> Option<&str> {
        let (scheme, host, port, _) = parts(url)?;
        let proxy = if scheme.eq_ignore_ascii_case("https") { &self.https } else { &self.http };
        let proxy = proxy.as_deref()?;
        let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        let is_own = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        let is_left_out = self.never.iter().any(|entry| matches(entry, &host, address, port));
        (!is_own && !is_left_out).then_some(proxy)
    }
}

/// Whether an entry of `NO_PROXY` means this host.
fn matches(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let (Ok(network), Some(address)) = (entry.parse::<IpNet>(), address) {
        return network.contains(&address);
    }
    let (name, only_port) = match entry.rsplit_once(':') {
        Some((name, digits)) if entry.parse::<IpAddr>().is_err() => match digits.parse::<u16>() {
            Ok(digits) => (name, Some(digits)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    };
    if only_port.is_some_and(|only| only != port) {
        return false;
    }
    let name = name.trim_matches(['[', ']']);
    if let Ok(wanted) = name.parse::<IpAddr>() {
        return address == Some(wanted);
    }
    let domain = name.trim_start_matches('*').trim_start_matches('.');
    let is_below = host.strip_suffix(domain).is_some_and(|before| before.ends_with('.'));
    // `.a.b` means only what is below a.b, `a.b` also itself.
    is_below || (host == domain && !name.starts_with(['.', '*']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_through_a_proxy() {
        let never = "a.com,.b.com,10.0.0.0/8,192.168.1.1,c.com:81,[fd00::1]";
        let proxies = Proxies {
            http: Some("http://proxy".to_owned()),
            https: Some("http://secure".to_owned()),
            never: never.split(',').map(str::to_owned).collect(),
        };
        for (url, expected) in [
            ("http://x.org/", Some("http://proxy")),
            ("https://x.org/", Some("http://secure")),
            ("http://a.com/", None),
            ("http://z.a.com/", None),
            ("http://za.com/", Some("http://proxy")),
            ("http://b.com/", Some("http://proxy")),
            ("http://x.b.com/", None),
            ("http://10.1.2.3/", None),
            ("http://11.1.2.3/", Some("http://proxy")),
            ("http://192.168.1.1:99/", None),
            ("http://c.com/", Some("http://proxy")),
            ("http://c.com:81/", None),
            ("http://[fd00::1]/", None),
            ("http://127.0.0.1:5/", None),
            ("http://localhost/", None),
        ] {
            assert_eq!(proxies.of(url), expected, "{url}");
        }
        let all = Proxies { never: vec!["*".to_owned()], ..proxies };
        assert_eq!(all.of("http://x.org/"), None);
        assert!(!format!("{:?}", Proxies { http: Some("http://u:secret@h".to_owned()), ..all }).contains("secret"));
    }
}
