//! Addresses of modules: what stands behind `source` in a `module` block.
//!
//! <https://developer.hashicorp.com/terraform/language/modules/sources>

use std::fmt;

use super::version::Constraint;

/// The registry that an address means when it names none.
const REGISTRY: &str = "registry.terraform.io";

/// Where a module is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder beside the calling module: starts with `./` or `../`.
    Local(String),
    /// A module of a registry, and a folder inside it.
    Registry(RegistryModule, Option<String>),
    /// A package from elsewhere, and a folder inside it.
    Remote(Package, Option<String>),
}

/// `HOST/NAMESPACE/NAME/SYSTEM`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegistryModule {
    /// Host of the registry, in lower case, with a port if one was given.
    pub host: String,
    /// Who publishes it.
    pub namespace: String,
    /// What it is called.
    pub name: String,
    /// For what, such as `aws`.
    pub system: String,
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// How it is fetched: what stands before `::`, or the scheme of the URL.
    pub kind: String,
    /// Its URL with the query, without the folder inside.
    pub url: String,
    /// Whether `kind` stands before `::`.
    pub is_forced: bool,
}

/// Why text is no address of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It may be a path that lacks its `./`.
    MaybePath(String),
    /// Anything else, as a sentence.
    Other(String),
}

impl Source {
    /// Reads an address. With a version constraint only a registry's module will do.
    ///
    /// # Errors
    /// The text is no address.
    pub fn parse(text: &str, version: Option<&Constraint>) -> Result<Self, Problem> {
        let other = |text: String| Err(Problem::Other(text));
        let is_local = [".\\", "..\\", "./", "../"].iter().any(|start| text.starts_with(start));
        if version.is_some() {
            if is_local {
                return other(format!("the folder \"{text}\" is no module of a registry"));
            }
            return registry(text).map_err(Problem::Other);
        }
        if is_local {
            return Ok(Self::Local(text.replace('\\', "/")));
        }
        if text.is_empty() {
            return other("the address is empty".to_owned());
        }
        // Most addresses are not a registry's: what is wrong with them as such does not matter.
        let (_, below) = split_folder(text);
        if let Some(folder) = &below {
            inside(folder).map_err(Problem::Other)?;
        }
        match registry(text) {
            Ok(found) => Ok(found),
            Err(_) => remote(text),
        }
    }

    /// The folder inside the package.
    pub fn folder(&self) -> Option<&str> {
        match self {
            Self::Local(_) => None,
            Self::Registry(_, folder) | Self::Remote(_, folder) => folder.as_deref(),
        }
    }
}

/// In Terraform's canonical form, which `modules.json` holds.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => f.write_str(path),
            Self::Registry(module, None) => write!(f, "{module}"),
            Self::Registry(module, Some(folder)) => write!(f, "{module}//{folder}"),
            Self::Remote(package, None) => write!(f, "{package}"),
            Self::Remote(package, Some(folder)) => {
                let text = package.to_string();
                let (before, query) = text.split_at(text.find('?').unwrap_or(text.len()));
                write!(f, "{before}//{folder}{query}")
            }
        }
    }
}

impl fmt::Display for RegistryModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.host, self.namespace, self.name, self.system)
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_forced { write!(f, "{}::{}", self.kind, self.url) } else { f.write_str(&self.url) }
    }
}

/// `NAMESPACE/NAME/SYSTEM`, perhaps with a host before and a folder behind.
fn registry(text: &str) -> Result<Source, String> {
    let (address, folder) = split_folder(text);
    if let Some(folder) = &folder {
        inside(folder)?;
    }
    if address.contains('?') {
        return Err("the address of a registry's module has no query".to_owned());
    }
    let parts: Vec<&str> = address.split('/').collect();
    let (host, rest) = match *parts.as_slice() {
        [namespace, name, system] => (REGISTRY.to_owned(), [namespace, name, system]),
        [host, namespace, name, system] => (hostname(host)?, [namespace, name, system]),
        _ => return Err("it must have three parts, NAMESPACE/NAME/SYSTEM, with the registry's host before them if it is not registry.terraform.io".to_owned()),
    };
    let [namespace, name, system] = rest;
    if ["github.com", "bitbucket.org", "gitlab.com"].contains(&namespace)
        || ["github.com", "bitbucket.org"].contains(&host.as_str())
    {
        return Err(format!(
            "{namespace} is no registry. Remove the argument \"version\" and choose a revision with ?ref="
        ));
    }
    for (what, part) in [("namespace", namespace), ("name", name)] {
        if !is_word(part, true) {
            return Err(format!(
                "\"{part}\" is no {what} of a registry's module: letters, digits, hyphens and underscores"
            ));
        }
    }
    if !is_word(system, false) || system.chars().any(|c| c.is_ascii_uppercase()) || system.contains('-') {
        return Err(format!("\"{system}\" is no target system: lower-case letters and digits"));
    }
    let module =
        RegistryModule { host, namespace: namespace.to_owned(), name: name.to_owned(), system: system.to_owned() };
    Ok(Source::Registry(module, folder))
}

/// Up to 64 letters, digits, hyphens and underscores, neither of these at an end.
fn is_word(text: &str, with_underscores: bool) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || (with_underscores && c == '_');
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 64 && is_end(text.chars().next()) && is_end(text.chars().last()) && text.chars().all(is_inner)
}

fn hostname(text: &str) -> Result<String, String> {
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let is_name = name.contains('.')
        && name.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
    if !is_name || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(format!("\"{text}\" is no name of a registry's host, which has a dot in it"));
    }
    let name = name.to_lowercase();
    Ok(match port {
        Some(port) if port != "443" => format!("{name}:{port}"),
        _ => name,
    })
}

/// A package from elsewhere: `git::…`, a URL, or a short form of one.
fn remote(text: &str) -> Result<Source, Problem> {
    let (forced, rest) = forced(text);
    let (address, folder) = split_folder(rest);
    let (forced, url, more) = match (forced, has_scheme(&address)) {
        (forced, true) => (forced.map(str::to_owned), address, None),
        (forced, false) => match detect(&address, forced)? {
            Some((kind, url, more)) => {
                (Some(forced.map_or(kind, str::to_owned)).filter(|kind| kind != "file"), url, more)
            }
            None => return Err(Problem::MaybePath(rest.to_owned())),
        },
    };
    let folder = match (more, folder) {
        (Some(more), Some(folder)) => Some(format!("{more}/{folder}")),
        (more, folder) => more.or(folder),
    };
    if let Some(folder) = &folder {
        inside(folder).map_err(Problem::Other)?;
    }
    let scheme = url.split(':').next().unwrap_or_default().to_lowercase();
    let (kind, is_forced) = forced.map_or((scheme, false), |kind| (kind, true));
    Ok(Source::Remote(Package { kind, url, is_forced }, folder))
}

/// `KIND::` before the address.
fn forced(text: &str) -> (Option<&str>, &str) {
    match text.split_once("::") {
        Some((kind, rest)) if !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric()) => (Some(kind), rest),
        _ => (None, text),
    }
}

fn has_scheme(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// What short forms mean: kind, URL, and a folder inside.
fn detect(address: &str, forced: Option<&str>) -> Result<Option<Short>, Problem> {
    let git = |url: String, folder: Option<String>| Ok(Some(("git".to_owned(), url, folder)));
    for (host, name, parts_name) in
        [("github.com", "GitHub", "username/repo"), ("bitbucket.org", "Bitbucket", "username/repo")]
    {
        let Some(rest) = address.strip_prefix(host).and_then(|rest| rest.strip_prefix('/')) else { continue };
        let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        let mut parts = path.splitn(3, '/');
        let (Some(owner), Some(repo)) =
            (parts.next().filter(|part| !part.is_empty()), parts.next().filter(|part| !part.is_empty()))
        else {
            return Err(Problem::Other(format!("the address of a {name} repository is {host}/{parts_name}")));
        };
        let repo = format!("{}.git", repo.strip_suffix(".git").unwrap_or(repo));
        let folder = parts.next().map(|rest| rest.trim_matches('/').to_owned()).filter(|rest| !rest.is_empty());
        return git(format!("https://{host}/{owner}/{repo}{query}"), folder);
    }
    // The form that ssh and scp know: USER@HOST:PATH.
    if let Some((user, rest)) = address.split_once('@')
        && let Some((host, path)) = rest.split_once(':')
        && !user.is_empty()
        && !host.is_empty()
        && !host.contains('/')
        && (user == "git" || forced == Some("git"))
    {
        return git(format!("ssh://{user}@{host}/{}", path.trim_start_matches('/')), None);
    }
    if let Some(found) = of_cloud(address) {
        return found.map(Some);
    }
    if address.starts_with('/') {
        return Ok(Some(("file".to_owned(), format!("file://{address}"), None)));
    }
    Ok(None)
}

/// Kind, URL, and a folder inside.
type Short = (String, String, Option<String>);

/// Addresses of S3 and of Google's storage without their scheme.
fn of_cloud(address: &str) -> Option<Result<Short, Problem>> {
    let (host, path) = address.split_once('/')?;
    if let Some(rest) = path.strip_prefix("storage/v1/").filter(|_| host == "www.googleapis.com") {
        return Some(Ok(("gcs".to_owned(), format!("https://www.googleapis.com/storage/v1/{rest}"), None)));
    }
    let service = host.strip_suffix(".amazonaws.com")?;
    let words: Vec<&str> = service.split('.').collect();
    let is_s3 = words.iter().any(|word| *word == "s3" || word.starts_with("s3-"));
    let is_whole = !path.trim_matches('/').is_empty() && (!words[0].starts_with("s3") || path.contains('/'));
    if !is_s3 || !is_whole {
        return Some(Err(Problem::Other("it is no address of an object in S3".to_owned())));
    }
    Some(Ok(("s3".to_owned(), format!("https://{address}"), None)))
}

/// The address, and the folder behind `//`; a query stays with the address.
fn split_folder(text: &str) -> (String, Option<String>) {
    let (path, query) = text.split_at(text.find('?').unwrap_or(text.len()));
    let start = path.find("://").map_or(0, |at| at + 3);
    match path[start..].find("//") {
        Some(at) => {
            let folder = path[start + at + 2..].trim_matches('/');
            let address = format!("{}{query}", &path[..start + at]);
            (address, Some(clean(folder)).filter(|folder| !folder.is_empty()))
        }
        None => (text.to_owned(), None),
    }
}

/// The path without `.` steps, and with `..` steps resolved as far as possible.
fn clean(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// Whether a folder is inside its package.
fn inside(folder: &str) -> Result<(), String> {
    if folder == ".." || folder.starts_with("../") {
        return Err(format!("the folder \"{folder}\" is outside of the package"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match Source::parse(text, None) {
            Ok(source @ Source::Local(_)) => format!("local {source}"),
            Ok(source @ Source::Registry(..)) => format!("registry {source}"),
            Ok(Source::Remote(package, folder)) => {
                format!("{} {} {}", package.kind, package, folder.unwrap_or_default()).trim_end().to_owned()
            }
            Err(Problem::MaybePath(_)) => "path?".to_owned(),
            Err(Problem::Other(_)) => "wrong".to_owned(),
        }
    }

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("./x", "local ./x"),
            ("../x", "local ../x"),
            (".", "path?"),
            ("foo", "path?"),
            ("foo/bar", "path?"),
            ("a/b/c", "registry registry.terraform.io/a/b/c"),
            ("hashicorp/consul/aws//sub", "registry registry.terraform.io/hashicorp/consul/aws//sub"),
            ("app.terraform.io/a/b/c//x/./y", "registry app.terraform.io/a/b/c//x/y"),
            ("127.0.0.1:8443/a/b/c", "registry 127.0.0.1:8443/a/b/c"),
            ("a/b/c/d", "path?"),
            ("localhost/a/b/c", "path?"),
            ("a/b/c?ref=1", "path?"),
            ("a/b/c_d", "path?"),
            ("-a/b/c", "path?"),
            ("a/b_/aws", "path?"),
            ("a/b/c//../x", "wrong"),
            ("", "wrong"),
            ("gitlab.com/a/b", "path?"),
            ("s3.amazonaws.com/bucket/x.zip", "s3 s3::https://s3.amazonaws.com/bucket/x.zip"),
            (
                "b.s3-eu-west-1.amazonaws.com/x.zip//sub?version=1",
                "s3 s3::https://b.s3-eu-west-1.amazonaws.com/x.zip?version=1 sub",
            ),
            ("s3.amazonaws.com/bucket", "wrong"),
            ("www.googleapis.com/storage/v1/b/x.zip", "gcs gcs::https://www.googleapis.com/storage/v1/b/x.zip"),
            ("github.com/a", "wrong"),
            ("github.com/a/b", "git git::https://github.com/a/b.git"),
            ("github.com/a/b.git?ref=v1", "git git::https://github.com/a/b.git?ref=v1"),
            ("github.com/a/b//x?ref=v1", "git git::https://github.com/a/b.git?ref=v1 x"),
            ("bitbucket.org/a/b", "git git::https://bitbucket.org/a/b.git"),
            ("git@github.com:a/b.git", "git git::ssh://git@github.com/a/b.git"),
            ("git::me@h:a.git//x", "git git::ssh://me@h/a.git x"),
            ("git::https://h/r.git//../..", "wrong"),
            ("git::https://h/r.git//x/y?ref=v1&depth=1", "git git::https://h/r.git?ref=v1&depth=1 x/y"),
            ("https://h/x.zip//sub", "https https://h/x.zip sub"),
            ("http://h/x?archive=zip", "http http://h/x?archive=zip"),
            ("s3::https://s3.amazonaws.com/b/x.zip", "s3 s3::https://s3.amazonaws.com/b/x.zip"),
            ("hg::http://h/r", "hg hg::http://h/r"),
            ("/srv/modules/x", "file file:///srv/modules/x"),
            ("x::y", "path?"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        let nested = Source::parse("git::https://h/r.git//x?ref=v1", None).expect("an address");
        assert_eq!(nested.to_string(), "git::https://h/r.git//x?ref=v1");
    }

    #[test]
    fn with_a_version_only_registries() {
        let version: Constraint = "1.0".parse().expect("a constraint");
        for (text, good) in [("a/b/c", true), ("./x", false), ("github.com/a/b", false), ("a/b/c?ref=1", false)] {
            assert_eq!(Source::parse(text, Some(&version)).is_ok(), good, "{text}");
        }
    }
}
