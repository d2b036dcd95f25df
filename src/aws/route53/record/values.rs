//! Values of records: how they are written in stack files and on the wire, when two are the same, and what is wrong
//! with one before Route 53 says so.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Most characters of one piece of a TXT record.
const PIECE: usize = 255;

fn is_text(kind: &str) -> bool {
    matches!(kind, "TXT" | "SPF")
}

/// As Route 53 takes it: texts in quotes.
pub(super) fn to_wire(kind: &str, value: &str) -> String {
    let is_quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
    if is_text(kind) && !is_quoted { format!("\"{value}\"") } else { value.to_owned() }
}

/// As stack files have it: texts without the outer quotes.
pub(super) fn from_wire(kind: &str, value: &str) -> String {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.filter(|_| is_text(kind)).unwrap_or(value).to_owned()
}

/// What two values that mean the same have in common.
pub(super) fn meaning(kind: &str, value: &str) -> String {
    match kind {
        "TXT" | "SPF" => from_wire(kind, value),
        "AAAA" => value.parse::<Ipv6Addr>().map_or_else(|_| value.to_lowercase(), |address| address.to_string()),
        "CNAME" | "MX" | "NS" | "PTR" | "SRV" => {
            let words: Vec<&str> = value.split_whitespace().collect();
            words.join(" ").trim_end_matches('.').to_lowercase()
        }
        _ => value.to_owned(),
    }
}

/// What is wrong with a value of this kind.
pub(super) fn problem(kind: &str, value: &str) -> Option<String> {
    let needs = |what: &str| Some(format!("`{value}` is not a value of a record of type {kind}. {what}"));
    let numbers = |count: usize| {
        let words: Vec<&str> = value.split_whitespace().collect();
        words.len() == count + 1 && words.iter().take(count).all(|word| word.parse::<u16>().is_ok())
    };
    match kind {
        "A" if value.parse::<Ipv4Addr>().is_err() => needs("It takes IPv4 addresses, such as `192.0.2.1`. Names of AWS objects belong in an `alias` block."),
        "AAAA" if value.parse::<Ipv6Addr>().is_err() => needs("It takes IPv6 addresses, such as `2001:db8::1`."),
        "CNAME" | "NS" | "PTR" if value.is_empty() || value.contains(char::is_whitespace) => needs("It takes a domain name."),
        "MX" if !numbers(1) => needs("It takes a priority and a mail server, such as `10 mail.example.com`."),
        "SRV" if !numbers(3) => needs("It takes priority, weight, port and server, such as `1 10 5269 xmpp.example.com`."),
        "CAA" if !is_caa(value) => needs("It takes flags, a tag and a quoted value, such as `0 issue \"amazon.com\"`."),
        "TXT" | "SPF" => long_piece(value).map(|length| {
            format!("A TXT record is made of pieces of at most {PIECE} characters, and one here has {length}. Split it with `\\\"\\\"`: \"first piece\\\"\\\"second piece\".")
        }),
        _ => None,
    }
}

fn is_caa(value: &str) -> bool {
    let mut words = value.splitn(3, char::is_whitespace);
    words.next().is_some_and(|flags| flags.parse::<u8>().is_ok())
        && words.next().is_some_and(|tag| !tag.is_empty())
        && words.next().is_some_and(|quoted| quoted.len() >= 2 && quoted.starts_with('"') && quoted.ends_with('"'))
}

/// The length of a piece that is too long.
fn long_piece(value: &str) -> Option<usize> {
    let plain = from_wire("TXT", value);
    let length = |piece: &str| piece.chars().filter(|one| *one != '\\').count();
    plain.split("\"\"").flat_map(|piece| piece.split("\" \"")).map(length).find(|length| *length > PIECE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_on_the_wire_only() {
        assert_eq!(to_wire("TXT", "v=spf1 -all"), "\"v=spf1 -all\"");
        assert_eq!(to_wire("TXT", "\"v=spf1 -all\""), "\"v=spf1 -all\"");
        assert_eq!(from_wire("TXT", "\"a\" \"b\""), "a\" \"b");
        assert_eq!(to_wire("CNAME", "a.example.com"), "a.example.com");
    }

    #[test]
    fn values_mean_the_same() {
        assert_eq!(meaning("AAAA", "2001:DB8:0:0::1"), meaning("AAAA", "2001:db8::1"));
        assert_eq!(meaning("MX", "10  Mail.Example.com."), meaning("MX", "10 mail.example.com"));
        assert_ne!(meaning("TXT", "A"), meaning("TXT", "a"));
    }

    #[test]
    fn wrong_values_are_found() {
        for (kind, value) in [("A", "alb.amazonaws.com"), ("AAAA", "1.2.3.4"), ("MX", "mail"), ("SRV", "1 2 host"), ("CAA", "0 issue x")] {
            assert!(problem(kind, value).is_some(), "{kind} {value}");
        }
        let long = "x".repeat(256);
        assert!(problem("TXT", &long).is_some());
        let split = format!("{}\"\"{}", "x".repeat(255), "x".repeat(10));
        for (kind, value) in [("A", "1.2.3.4"), ("MX", "10 mail."), ("SRV", "1 2 3 host"), ("CAA", "0 issue \"x\""), ("TXT", split.as_str())] {
            assert_eq!(problem(kind, value), None, "{kind} {value}");
        }
    }
}
