//! Fetches a package, from wherever it is, into a folder that does not exist yet.

use std::path::{Path, PathBuf};

use super::archive::{self, Kind};
use super::{Outside, files, git, hg, s3, web};
use crate::http::{self, decode};
use crate::lang::source::{Package, Source};

/// The most addresses that lead to another one on the way to a package.
const MOST_HOPS: usize = 10;

/// A package that was fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The folder inside the package that the address turned out to mean, if a server said so.
    pub folder: Option<String>,
    /// The commit of a git or Mercurial repository.
    pub commit: Option<String>,
    /// Whether it is a folder of this machine and not a copy: `file://`.
    pub is_link: bool,
}

/// Parameters of an address that say how to fetch, taken out of its query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// The URL without its query, and the query.
    pub(super) fn split(url: &str) -> Result<(String, Self), String> {
        let (before, query) = url.split_once('?').unwrap_or((url, ""));
        let mut pairs = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let text = |text: &str| {
                decode(&text.replace('+', "%20")).ok_or_else(|| "the query of the address is badly written".to_owned())
            };
            pairs.push((text(name)?, text(value)?));
        }
        Ok((before.to_owned(), Self { pairs }))
    }

    /// Takes a parameter out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(found, _)| found == name)?;
        Some(self.pairs.remove(at).1).filter(|value| !value.is_empty())
    }

    /// The URL with what is left.
    pub(super) fn onto(&self, url: &str) -> String {
        let pairs: Vec<String> =
            self.pairs.iter().map(|(name, value)| format!("{}={}", http::encode(name), http::encode(value))).collect();
        if pairs.is_empty() { url.to_owned() } else { format!("{url}?{}", pairs.join("&")) }
    }
}

/// Fetches a package into the folder `into`. `pinned` is the commit to take, if the lock file knows one.
///
/// # Errors
/// Why it cannot be fetched, as a sentence without its full stop. Nothing is left in `into`.
pub fn fetch(package: &Package, pinned: Option<&str>, into: &Path, outside: &Outside) -> Result<Fetched, String> {
    let fetched = hops(package, pinned, into, outside);
    let checked = fetched.and_then(|fetched| {
        if fetched.is_link {
            return Ok(fetched);
        }
        match files::link_outside(into) {
            Ok(None) => Ok(fetched),
            Ok(Some(link)) => Err(format!("its link {} leads out of the package", link.display())),
            Err(error) => Err(format!("it cannot be read: {error}")),
        }
    });
    if checked.is_err() {
        // The reason counts, not whether the rest could be cleared away.
        let _ = files::remove(into);
    }
    checked
}

fn hops(package: &Package, pinned: Option<&str>, into: &Path, outside: &Outside) -> Result<Fetched, String> {
    let (mut package, mut inside) = (package.clone(), None);
    for _ in 0..MOST_HOPS {
        match package.kind.as_str() {
            "git" => {
                let commit = git::fetch(&package.url, pinned, into)?;
                return Ok(Fetched { folder: inside, commit: Some(commit), is_link: false });
            }
            "http" | "https" => match web::fetch(&package.url, into, outside)? {
                web::Found::Archive => return Ok(Fetched { folder: inside, ..Fetched::default() }),
                web::Found::Elsewhere(address) => {
                    let Ok(Source::Remote(next, folder)) = Source::parse(&address, None) else {
                        return Err(format!("the server names the address {}, which is none", http::shown(&address)));
                    };
                    inside = match (folder, inside) {
                        (Some(folder), Some(below)) => Some(format!("{folder}/{below}")),
                        (folder, below) => folder.or(below),
                    };
                    if next.kind == "file" {
                        return Err("the server names a folder of this machine".to_owned());
                    }
                    package = next;
                }
            },
            "file" => return file(&package.url, into).map(|is_link| Fetched { folder: inside, commit: None, is_link }),
            "s3" => {
                return s3::fetch(&package.url, into, outside)
                    .map(|()| Fetched { folder: inside, ..Fetched::default() });
            }
            "hg" => {
                let changeset = hg::fetch(&package.url, pinned, into)?;
                return Ok(Fetched { folder: inside, commit: Some(changeset), is_link: false });
            }
            "gcs" => {
                return Err(
                    "addresses that start with gcs:: are not supported: glaz asks AWS and no other cloud. Serve the archive over https, or put the module into a git repository".to_owned(),
                );
            }
            other => {
                return Err(format!(
                    "glaz does not know how to fetch \"{other}\" addresses: it knows git, hg, http, https, s3 and file"
                ));
            }
        }
    }
    Err(format!("more than {MOST_HOPS} addresses each name another one"))
}

/// A folder of this machine becomes a link, as with Terraform; an archive is unpacked.
fn file(url: &str, into: &Path) -> Result<bool, String> {
    let (url, mut query) = Query::split(url)?;
    let path = url.strip_prefix("file://").unwrap_or(&url);
    let path = PathBuf::from(decode(path).ok_or("its path is badly written")?);
    if !path.is_absolute() {
        return Err(format!("the path {} is not absolute", path.display()));
    }
    let kind = Kind::of(query.take("archive").as_deref(), &path.to_string_lossy())?;
    let checksum = query.take("checksum");
    let found = path.metadata().map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if found.is_dir() {
        std::os::unix::fs::symlink(&path, into)
            .map_err(|error| format!("{} cannot be linked: {error}", path.display()))?;
        return Ok(true);
    }
    let Some(kind) = kind else { return Err(format!("{} is neither a folder nor an archive", path.display())) };
    let bytes = std::fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if let Some(checksum) = checksum {
        web::verify(&bytes, &checksum)?;
    }
    std::fs::create_dir_all(into).map_err(|error| format!("{} cannot be made: {error}", into.display()))?;
    archive::unpack(kind, &bytes, into).map_err(|error| format!("the archive cannot be unpacked: {error}"))?;
    Ok(false)
}
