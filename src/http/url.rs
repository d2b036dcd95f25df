//! Parts of URLs, as far as requests need them.

/// Scheme, host, port and the rest of a URL (path and query); user and password are left out.
pub fn parts(url: &str) -> Option<(&str, &str, u16, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    let default = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
    let (host, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port.parse().ok()?),
        _ => (host, default),
    };
    (!host.is_empty()).then_some((scheme, host, port, path))
}

/// What `reference` means in a document at `base`: the rules of RFC 3986, section 5.2, for http and https.
pub fn join(base: &str, reference: &str) -> String {
    let has_scheme = reference.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    if has_scheme {
        return reference.to_owned();
    }
    let Some((scheme, rest)) = base.split_once("://") else { return reference.to_owned() };
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (before_query, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let (authority, path) = before_query.split_at(before_query.find('/').unwrap_or(before_query.len()));
    let (given, extra) = reference.split_at(reference.find(['?', '#']).unwrap_or(reference.len()));
    let path = match given {
        "" if extra.starts_with('?') => return format!("{scheme}://{authority}{path}{extra}"),
        "" => return format!("{scheme}://{authority}{path}{query}{extra}"),
        absolute if absolute.starts_with('/') => straight(absolute),
        relative => {
            let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
            straight(&format!("{folder}{relative}"))
        }
    };
    format!("{scheme}://{authority}{path}{extra}")
}

/// The path without `.` and `..` steps.
fn straight(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    for (at, step) in steps.iter().enumerate() {
        let is_last = at + 1 == steps.len();
        match *step {
            "." if is_last => kept.push(""),
            "." => {}
            ".." => {
                kept.pop();
                if is_last {
                    kept.push("");
                }
            }
            step => kept.push(step),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Text for one step of a path or one value of a query, with everything special as `%XX`.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The text behind `%XX`; nothing when it is not UTF-8 or badly written.
pub fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let digits = text.get(at + 1..at + 3)?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_urls() {
        assert_eq!(parts("https://u:p@a.b/c?d"), Some(("https", "a.b", 443, "/c?d")));
        assert_eq!(parts("http://a:81"), Some(("http", "a", 81, "")));
        assert_eq!(parts("http://[::1]:8080/x"), Some(("http", "[::1]", 8080, "/x")));
        assert_eq!(parts("http://[::1]/x"), Some(("http", "[::1]", 80, "/x")));
        assert_eq!(parts("a/b"), None);
        assert_eq!(parts("http://a:x/"), None);
    }

    #[test]
    fn references() {
        for (base, reference, expected) in [
            ("https://a/b/c", "d", "https://a/b/d"),
            ("https://a/b/c", "/d", "https://a/d"),
            ("https://a/b/c", "./d", "https://a/b/d"),
            ("https://a/b/c", "../d", "https://a/d"),
            ("https://a/b/c", "../../../d", "https://a/d"),
            ("https://a/b/c", "//x/d", "https://x/d"),
            ("https://a/b/c", "http://x/d", "http://x/d"),
            ("https://a/b/c", "git::https://x/d", "git::https://x/d"),
            ("https://a", "d", "https://a/d"),
            ("https://a/b/c?q", "?r", "https://a/b/c?r"),
            ("https://a/b/", "v1/x?y=..", "https://a/b/v1/x?y=.."),
        ] {
            assert_eq!(join(base, reference), expected, "{base} {reference}");
        }
    }

    #[test]
    fn percent_signs() {
        assert_eq!(encode("a b/ü"), "a%20b%2F%C3%BC");
        assert_eq!(decode("a%20b%2F%C3%BC").as_deref(), Some("a b/ü"));
        assert_eq!(decode("%2"), None);
        assert_eq!(decode("%ff"), None);
    }
}
