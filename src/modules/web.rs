//! Archives on web servers, and web pages that say where a module is.

use std::path::Path;
use std::sync::LazyLock;

use md5::Md5;
use regex::Regex;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::Outside;
use super::archive::{self, Kind};
use super::credentials::basic;
use super::fetch::Query;
use super::hash::hex;
use crate::http::{self, Request, Response, decode};

/// The most bytes of an archive: 256 MiB.
const MOST_BYTES: u64 = 256 << 20;
/// The most bytes of a page that names another address: 1 MiB.
const MOST_OF_A_PAGE: u64 = 1 << 20;

/// What a server gave.
pub(super) enum Found {
    /// The package, unpacked.
    Archive,
    /// The address of the package.
    Elsewhere(String),
}

/// Fetches a URL: an archive is unpacked into the folder `into`, anything else must name another address.
pub(super) fn fetch(url: &str, into: &Path, outside: &Outside) -> Result<Found, String> {
    let (base, mut query) = Query::split(url)?;
    let (given, checksum) = (query.take("archive"), query.take("checksum"));
    let Some(kind) = Kind::of(given.as_deref(), &base)? else {
        let page = query.onto(&base);
        let page = format!("{page}{}terraform-get=1", if page.contains('?') { '&' } else { '?' });
        let answer = ask(&page, MOST_OF_A_PAGE, outside)?;
        return named(&answer).map(Found::Elsewhere).ok_or_else(|| {
            format!(
                "{} is no archive, and names no other address in a header X-Terraform-Get or a meta tag terraform-get",
                http::shown(url)
            )
        });
    };
    let answer = ask(&query.onto(&base), MOST_BYTES, outside)?;
    if let Some(checksum) = checksum {
        verify(&answer.body, &checksum)?;
    }
    std::fs::create_dir_all(into).map_err(|error| format!("{} cannot be made: {error}", into.display()))?;
    archive::unpack(kind, &answer.body, into).map_err(|error| format!("the archive cannot be unpacked: {error}"))?;
    Ok(Found::Archive)
}

fn ask(url: &str, limit: u64, outside: &Outside) -> Result<Response, String> {
    let mut request = Request::get(url).limit(limit);
    if let Some(authorization) = authorization(url, outside) {
        request = request.header("Authorization", authorization);
    }
    let answer = outside.client.send(&request).map_err(|error| error.to_string())?;
    if answer.is_success() {
        Ok(answer)
    } else {
        Err(format!("{} answers with status {}", http::shown(url), answer.status))
    }
}

/// User and password from the URL, else from `.netrc`.
fn authorization(url: &str, outside: &Outside) -> Option<String> {
    let (_, host, ..) = http::parts(url)?;
    let rest = url.split_once("://")?.1;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    match authority.rsplit_once('@') {
        Some((user, _)) => {
            let (user, password) = user.split_once(':').unwrap_or((user, ""));
            Some(basic(&decode(user)?, &decode(password)?))
        }
        None => outside.credentials.basic(host),
    }
}

/// The address that an answer names: a header, or `<meta name="terraform-get" content="…">` in the head of the page.
fn named(answer: &Response) -> Option<String> {
    static META: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?is)<meta\s[^>]*>").ok());
    static ATTRIBUTE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?is)([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#).ok());
    let header = answer.header("X-Terraform-Get").filter(|address| !address.is_empty()).map(str::to_owned);
    let page = || {
        let text = String::from_utf8_lossy(&answer.body);
        let head = text.split("</head>").next().unwrap_or_default();
        META.as_ref()?.find_iter(head).find_map(|tag| {
            let attribute = |name: &str| {
                ATTRIBUTE
                    .as_ref()?
                    .captures_iter(tag.as_str())
                    .find(|found| found[1].eq_ignore_ascii_case(name))
                    .and_then(|found| {
                        [2, 3, 4].iter().find_map(|&at| found.get(at)).map(|value| value.as_str().replace("&amp;", "&"))
                    })
            };
            let is_ours = attribute("name").is_some_and(|name| name == "terraform-get");
            if is_ours { attribute("content") } else { None }
        })
    };
    let address = header.or_else(page)?;
    let is_relative = ["/", "./", "../"].iter().any(|start| address.starts_with(start));
    Some(if is_relative { http::join(&answer.url, &address) } else { address })
}

/// Whether the bytes have the checksum `KIND:HEX`; without a kind the length says which it is.
pub(super) fn verify(bytes: &[u8], checksum: &str) -> Result<(), String> {
    let of_length = || match checksum.len() {
        32 => Ok("md5"),
        40 => Ok("sha1"),
        64 => Ok("sha256"),
        128 => Ok("sha512"),
        _ => Err("the checksum in the address has an odd length".to_owned()),
    };
    let (kind, wanted) = checksum.split_once(':').map_or_else(|| Ok((of_length()?, checksum)), Ok::<_, String>)?;
    let kind = kind.to_lowercase();
    let found = match kind.as_str() {
        "md5" => hex(&Md5::digest(bytes)),
        "sha1" => hex(&Sha1::digest(bytes)),
        "sha256" => hex(&Sha256::digest(bytes)),
        "sha512" => hex(&Sha512::digest(bytes)),
        other => {
            return Err(format!(
                "checksums of the kind \"{other}\" are not supported: glaz knows md5, sha1, sha256 and sha512"
            ));
        }
    };
    if found.eq_ignore_ascii_case(wanted) {
        Ok(())
    } else {
        Err(format!("its {kind} checksum is {found}, and the address says {wanted}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_answers() {
        let answer = |headers: &[(&str, &str)], body: &str| Response {
            status: 200,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.as_bytes().to_vec(),
            url: "https://h/a/b".to_owned(),
        };
        let page = r#"<html><head><META content='git::https://h/x?a=1&amp;b=2' name="terraform-get"></head></html>"#;
        assert_eq!(named(&answer(&[("x-terraform-get", "./c.zip")], "")).as_deref(), Some("https://h/a/c.zip"));
        assert_eq!(named(&answer(&[], page)).as_deref(), Some("git::https://h/x?a=1&b=2"));
        assert_eq!(named(&answer(&[], "<head></head><meta name=\"terraform-get\" content=\"x\">")), None);
    }

    #[test]
    fn checksums() {
        assert_eq!(verify(b"x", "md5:9dd4e461268c8034f5c8564e155c67a6"), Ok(()));
        assert_eq!(verify(b"x", "9DD4E461268C8034F5C8564E155C67A6"), Ok(()));
        assert!(verify(b"y", "md5:9dd4e461268c8034f5c8564e155c67a6").is_err());
        assert!(verify(b"x", "file:https://h/sums").is_err());
        assert!(verify(b"x", "abc").is_err());
    }
}
