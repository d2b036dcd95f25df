//! Packages in buckets of S3: `s3::https://…`. The calls themselves are made by who implements [`Buckets`].
//!
//! The address is one of AWS in any of its forms, or `https://HOST/BUCKET/KEY` of another service that speaks the same
//! protocol. A key that ends like an archive is unpacked; any other is a folder, of which every object is fetched.

use std::fmt;
use std::path::Path;

use super::Outside;
use super::archive::{self, Kind};
use super::fetch::Query;
use super::{files, web};
use crate::http::{decode, parts, shown};

/// The most objects of a folder.
const MOST_OBJECTS: usize = 10_000;
/// The most bytes of a folder: 256 MiB.
const MOST_BYTES: usize = 256 << 20;

/// Reads buckets.
pub trait Buckets: fmt::Debug + Send + Sync {
    /// Keys of the objects that begin with a prefix.
    ///
    /// # Errors
    /// Why they cannot be read, as the end of a sentence.
    fn list(&self, bucket: &Bucket, prefix: &str) -> Result<Vec<String>, String>;

    /// The content of an object, in a version if one is given.
    ///
    /// # Errors
    /// Why it cannot be read, as the end of a sentence.
    fn read(&self, bucket: &Bucket, key: &str, version: Option<&str>) -> Result<Vec<u8>, String>;
}

/// Which bucket, and who asks.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is, if the address says so.
    pub region: Option<String>,
    /// The service to ask instead of AWS.
    pub endpoint: Option<String>,
    /// Profile of the AWS configuration to take credentials from.
    pub profile: Option<String>,
    /// Access key, its secret, and the token of a session.
    pub keys: Option<(String, String, Option<String>)>,
}

/// Without the keys.
impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, region, endpoint, profile, .. } = self;
        f.debug_struct("Bucket")
            .field("name", name)
            .field("region", region)
            .field("endpoint", endpoint)
            .field("profile", profile)
            .finish_non_exhaustive()
    }
}

/// Where a package is in which bucket.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    bucket: Bucket,
    key: String,
    version: Option<String>,
}

/// Fetches a package into the folder `into`.
pub(super) fn fetch(url: &str, into: &Path, outside: &Outside) -> Result<(), String> {
    let Some(buckets) = &outside.buckets else {
        return Err("this glaz was built without S3, so that addresses that start with s3:: cannot be read".to_owned());
    };
    let (base, mut query) = Query::split(url)?;
    let (given, checksum) = (query.take("archive"), query.take("checksum"));
    let Place { bucket, key, version } = place(&base, &mut query)?;
    let made = |error: std::io::Error| format!("{} cannot be made: {error}", into.display());
    if let Some(kind) = Kind::of(given.as_deref(), &key)? {
        let bytes = buckets.read(&bucket, &key, version.as_deref())?;
        if let Some(checksum) = checksum {
            web::verify(&bytes, &checksum)?;
        }
        std::fs::create_dir_all(into).map_err(made)?;
        return archive::unpack(kind, &bytes, into).map_err(|error| format!("the archive cannot be unpacked: {error}"));
    }
    let prefix = if key.is_empty() { key } else { format!("{}/", key.trim_end_matches('/')) };
    let keys = buckets.list(&bucket, &prefix)?;
    if keys.len() > MOST_OBJECTS {
        return Err(format!("the folder {prefix} holds more than {MOST_OBJECTS} objects"));
    }
    let mut left = MOST_BYTES;
    let mut found = false;
    for key in &keys {
        let path = Path::new(key.strip_prefix(&prefix).unwrap_or(key));
        // Consoles make empty objects that stand for folders.
        if key.ends_with('/') || path.as_os_str().is_empty() {
            continue;
        }
        if !files::is_inside(path) {
            return Err(format!("the object {key} would lie outside of the package"));
        }
        let bytes = buckets.read(&bucket, key, None)?;
        left = left
            .checked_sub(bytes.len())
            .ok_or_else(|| format!("the folder {prefix} holds more than {MOST_BYTES} bytes"))?;
        files::write(&into.join(path), &bytes).map_err(made)?;
        found = true;
    }
    if found {
        Ok(())
    } else {
        Err(format!("{} is no archive, and the bucket {} holds nothing below {prefix}", shown(&base), bucket.name))
    }
}

/// Takes an address apart.
fn place(url: &str, query: &mut Query) -> Result<Place, String> {
    let badly = || format!("{} is no address of an object in S3", shown(url));
    let (scheme, host, _, path) = parts(url).ok_or_else(badly)?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = decode(path.trim_start_matches('/')).ok_or_else(badly)?;
    let region = query.take("region");
    let (name, key, region, endpoint) = if let Some(service) = host.to_lowercase().strip_suffix(".amazonaws.com") {
        let (bucket, found) = of_aws(service).ok_or_else(badly)?;
        let (bucket, key) = match bucket {
            Some(bucket) => (bucket, path.as_str()),
            None => path.split_once('/').map(|(bucket, key)| (bucket.to_owned(), key)).ok_or_else(badly)?,
        };
        (bucket, key.to_owned(), region.or(found), None)
    } else {
        let (bucket, key) = path.split_once('/').ok_or_else(badly)?;
        let authority = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let region = region.or_else(|| Some("us-east-1".to_owned()));
        (bucket.to_owned(), key.to_owned(), region, Some(format!("{scheme}://{authority}")))
    };
    if name.is_empty() {
        return Err(badly());
    }
    let (id, secret, token) =
        (query.take("aws_access_key_id"), query.take("aws_access_key_secret"), query.take("aws_access_token"));
    let bucket = Bucket {
        name,
        region,
        endpoint,
        profile: query.take("aws_profile"),
        keys: id.zip(secret).map(|(id, secret)| (id, secret, token)),
    };
    Ok(Place { bucket, key, version: query.take("version") })
}

/// The bucket and the region in a host's name, without `.amazonaws.com`: `s3`, `s3-REGION`, `s3.REGION`, each with the
/// bucket before it or not. A bucket may have dots in its name.
fn of_aws(service: &str) -> Option<(Option<String>, Option<String>)> {
    let words: Vec<&str> = service.split('.').collect();
    let at = words.iter().rposition(|word| *word == "s3" || word.starts_with("s3-"))?;
    let region = match (words[at].strip_prefix("s3-"), &words[at + 1..]) {
        (Some(region), []) => Some(region.to_owned()),
        (None, []) => None,
        (None, [region]) => Some((*region).to_owned()),
        _ => return None,
    };
    let bucket = words[..at].join(".");
    Some((Some(bucket).filter(|bucket| !bucket.is_empty()), region))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_place(url: &str) -> String {
        let (base, mut query) = Query::split(url).expect("a URL");
        match place(&base, &mut query) {
            Ok(Place { bucket, key, version }) => {
                let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                format!("{} {key} {} {} {}", bucket.name, text(bucket.region), text(bucket.endpoint), text(version))
            }
            Err(_) => "wrong".to_owned(),
        }
    }

    #[test]
    fn addresses() {
        for (url, expected) in [
            ("https://s3.amazonaws.com/b/k/x.zip", "b k/x.zip - - -"),
            ("https://s3-eu-west-1.amazonaws.com/b/x.zip?version=7", "b x.zip eu-west-1 - 7"),
            ("https://s3.eu-west-1.amazonaws.com/b/x.zip", "b x.zip eu-west-1 - -"),
            ("https://b.s3.amazonaws.com/k/x.zip", "b k/x.zip - - -"),
            ("https://b.s3-eu-west-1.amazonaws.com/x.zip", "b x.zip eu-west-1 - -"),
            ("https://a.b.s3.eu-west-1.amazonaws.com/x.zip", "a.b x.zip eu-west-1 - -"),
            ("https://b.s3.amazonaws.com/x.zip?region=us-west-2", "b x.zip us-west-2 - -"),
            ("http://127.0.0.1:9000/b/k/x.zip?region=eu-west-1", "b k/x.zip eu-west-1 http://127.0.0.1:9000 -"),
            ("https://ec2.amazonaws.com/b/x.zip", "wrong"),
            ("https://s3.amazonaws.com/b", "wrong"),
            ("s3://b/x.zip", "wrong"),
        ] {
            assert_eq!(shown_place(url), expected, "{url}");
        }
        let (base, mut query) =
            Query::split("https://s3.amazonaws.com/b/x?aws_access_key_id=A&aws_access_key_secret=hidden")
                .expect("a URL");
        let place = place(&base, &mut query).expect("a place");
        assert_eq!(place.bucket.keys, Some(("A".to_owned(), "hidden".to_owned(), None)));
        assert!(!format!("{place:?}").contains("hidden"));
    }
}
