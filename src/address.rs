//! Names of things: `module.network["eu"].aws_subnet.public[0]`.
//!
//! An [`Address`] names one instance, a [`Resource`] the block it comes from. Both print in
//! Terraform's spelling and parse from it
//! (<https://developer.hashicorp.com/terraform/cli/state/resource-addressing>).

mod addresses;
pub mod target;

pub use addresses::Addresses;

use std::cmp::Ordering::{self, Equal};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The instance key that `count` or `for_each` gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Position, from `count`.
    Int(i64),
    /// Map key or set element, from `for_each`.
    Str(Arc<str>),
}

/// One module call on the way from the root, with its instance key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// Name of the `module` block.
    pub name: Arc<str>,
    /// Instance key, when the call has `count` or `for_each`.
    pub key: Option<Key>,
}

/// A module instance; the empty path is the root module.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Arc<[ModuleStep]>);

/// Whether a block manages an object, only reads one, or holds one for as long as a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `data` block. First, because state files list data sources first.
    Data,
    /// `ephemeral` block.
    Ephemeral,
    /// `resource` block.
    Managed,
}

impl Mode {
    /// What stands before the type in an address.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Data => "data.",
            Self::Managed => "",
            Self::Ephemeral => "ephemeral.",
        }
    }

    /// As JSON and state files have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Managed => "managed",
            Self::Ephemeral => "ephemeral",
        }
    }

    /// The word that begins a block.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Managed => "resource",
            Self::Ephemeral => "ephemeral",
        }
    }

    /// The mode whose addresses begin with this word.
    pub fn of_prefix(word: &str) -> Self {
        match word {
            "data" => Self::Data,
            "ephemeral" => Self::Ephemeral,
            _ => Self::Managed,
        }
    }
}

/// A resource block inside a module instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resource {
    /// Module instance that holds it.
    pub module: ModulePath,
    /// Managed, data or ephemeral.
    pub mode: Mode,
    /// Resource type, such as `aws_vpc`.
    pub type_name: Arc<str>,
    /// Local name.
    pub name: Arc<str>,
}

/// One instance of a resource. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// The block.
    pub resource: Arc<Resource>,
    /// Instance key, when the block has `count` or `for_each`.
    pub key: Option<Key>,
}

/// Blocks, without the instance keys of modules.
pub type Blocks = BTreeSet<Arc<Resource>>;

/// The text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a resource address: {why}")]
pub struct BadAddress {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl ModulePath {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The module instance called `name` inside this one.
    #[must_use]
    pub fn child(&self, name: &str, key: Option<Key>) -> Self {
        let step = ModuleStep { name: name.into(), key };
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The module instance that calls this one; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.into()))
    }

    /// Names of the calls without instance keys: where the module stands in the configuration.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.0.iter().map(|step| step.name.clone()).collect()
    }

    /// The module without instance keys.
    #[must_use]
    pub fn without_keys(&self) -> Self {
        if self.0.iter().all(|step| step.key.is_none()) {
            return self.clone();
        }
        Self(self.0.iter().map(|step| ModuleStep { name: step.name.clone(), key: None }).collect())
    }
}

impl Resource {
    /// A managed resource in the root module.
    pub fn managed(type_name: &str, name: &str) -> Self {
        Self { module: ModulePath::root(), mode: Mode::Managed, type_name: type_name.into(), name: name.into() }
    }

    /// The resource in its module without instance keys: the block in the files, as states record dependencies.
    #[must_use]
    pub fn without_keys(&self) -> Self {
        Self { module: self.module.without_keys(), ..self.clone() }
    }
}

impl Address {
    /// The instance of `resource` with `key`.
    pub fn new(resource: Resource, key: Option<Key>) -> Self {
        Self { resource: Arc::new(resource), key }
    }

    /// Resource type, such as `aws_vpc`.
    pub fn type_name(&self) -> &str {
        &self.resource.type_name
    }

    /// Module instance that holds it.
    pub fn module(&self) -> &ModulePath {
        &self.resource.module
    }

    /// Whether it is a managed resource (not a data source).
    pub fn is_managed(&self) -> bool {
        self.resource.mode == Mode::Managed
    }

    /// Whether it is an ephemeral resource.
    pub fn is_ephemeral(&self) -> bool {
        self.resource.mode == Mode::Ephemeral
    }
}

/// By module, mode, type and name. Words that are shared need no look at their letters: most have the type in common.
impl Ord for Resource {
    fn cmp(&self, other: &Self) -> Ordering {
        let module =
            || if Arc::ptr_eq(&self.module.0, &other.module.0) { Equal } else { self.module.cmp(&other.module) };
        let word = |a: &Arc<str>, b: &Arc<str>| if Arc::ptr_eq(a, b) { Equal } else { a.cmp(b) };
        module()
            .then_with(|| self.mode.cmp(&other.mode))
            .then_with(|| word(&self.type_name, &other.type_name))
            .then_with(|| word(&self.name, &other.name))
    }
}

impl PartialOrd for Resource {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By block and key.
impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        let is_same = Arc::ptr_eq(&self.resource, &other.resource);
        let block = if is_same { Equal } else { self.resource.cmp(&other.resource) };
        block.then_with(|| self.key.cmp(&other.key))
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(n) => write!(f, "[{n}]"),
            Self::Str(text) => write!(f, "[{}]", quote(text)),
        }
    }
}

/// The text as a quoted string of the language: quotes, backslashes, line breaks and template starts escaped.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

fn write_key(f: &mut fmt::Formatter<'_>, key: Option<&Key>) -> fmt::Result {
    key.map_or(Ok(()), |key| write!(f, "{key}"))
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            write!(f, "{dot}module.{}", step.name)?;
            write_key(f, step.key.as_ref())?;
        }
        Ok(())
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}{}.{}", self.mode.prefix(), self.type_name, self.name)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.resource)?;
        write_key(f, self.key.as_ref())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let bad = |why| BadAddress { text: text.to_owned(), why };
        let mut steps = split(text).map_err(bad)?.into_iter();
        let mut module = ModulePath::root();
        let mut next = || steps.next().ok_or(bad("it ends too early"));
        let mut word = next()?;
        while word.0 == "module" {
            let (name, key) = next()?;
            module = module.child(&name, key);
            word = next()?;
        }
        let mode = Mode::of_prefix(&word.0);
        if mode != Mode::Managed {
            word = next()?;
        }
        let (type_name, stray) = word;
        let (name, key) = next()?;
        if stray.is_some() || steps.next().is_some() {
            return Err(bad("it must end in TYPE.NAME or TYPE.NAME[KEY]"));
        }
        let resource = Resource { module, mode, type_name: type_name.into(), name: name.into() };
        Ok(Self::new(resource, key))
    }
}

/// Parses a module path such as `module.a["x"].module.b`; the empty text is the root.
impl FromStr for ModulePath {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let bad = |why| BadAddress { text: text.to_owned(), why };
        if text.is_empty() {
            return Ok(Self::root());
        }
        let mut path = Self::root();
        let mut steps = split(text).map_err(bad)?.into_iter();
        while let Some((word, _)) = steps.next() {
            if word != "module" {
                return Err(bad("a module path consists of module.NAME steps"));
            }
            let (name, key) = steps.next().ok_or(bad("it ends too early"))?;
            path = path.child(&name, key);
        }
        Ok(path)
    }
}

type Step = (String, Option<Key>);

/// Splits at dots into names with their instance keys.
fn split(text: &str) -> Result<Vec<Step>, &'static str> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        if name.is_empty() || !name.chars().all(|c| c == '-' || c == '_' || c.is_alphanumeric()) {
            return Err("a name consists of letters, digits, underscores and hyphens");
        }
        let (key, tail) = if tail.starts_with('[') { split_key(tail)? } else { (None, tail) };
        steps.push((name.to_owned(), key));
        match tail.strip_prefix('.') {
            Some(more) => rest = more,
            None if tail.is_empty() => return Ok(steps),
            None => return Err("a dot must follow a closing bracket"),
        }
    }
}

/// Reads `[0]` or `["x"]` at the start of the text.
fn split_key(text: &str) -> Result<(Option<Key>, &str), &'static str> {
    const OPEN: &str = "an instance key looks like [0] or [\"name\"]";
    let inner = &text[1..];
    if let Some(quoted) = inner.strip_prefix('"') {
        let mut key = String::new();
        let mut chars = quoted.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    let tail = quoted[at + 1..].strip_prefix(']').ok_or(OPEN)?;
                    return Ok((Some(Key::Str(unescape_templates(&key).into())), tail));
                }
                '\\' => key.push(match chars.next().ok_or(OPEN)?.1 {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                }),
                _ => key.push(c),
            }
        }
        return Err(OPEN);
    }
    let end = inner.find(']').ok_or(OPEN)?;
    let number = inner[..end].parse().map_err(|_| OPEN)?;
    Ok((Some(Key::Int(number)), &inner[end + 1..]))
}

fn unescape_templates(text: &str) -> String {
    text.replace("$${", "${").replace("%%{", "%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_the_same_whether_words_are_shared_or_not() {
        let texts = ["data.t.z", "s.b", "t.a[0]", "t.a[2]", "t.a[\"k\"]", "t.b", "module.a.t.a", "module.a[0].s.a"];
        let sorted: Vec<Address> = texts.iter().map(|text| text.parse().expect("an address")).collect();
        let again: Vec<Address> = texts.iter().map(|text| text.parse().expect("an address")).collect();
        for (at, one) in sorted.iter().enumerate() {
            for (place, other) in sorted.iter().zip(&again).enumerate() {
                assert_eq!((one.cmp(other.0), one.cmp(other.1)), (at.cmp(&place), at.cmp(&place)), "{one} {}", other.0);
            }
        }
    }

    #[test]
    fn prints_what_it_parses() {
        for text in [
            "aws_vpc.main",
            "aws_subnet.public[0]",
            "data.aws_region.current",
            "module.a.ephemeral.random_password.b[0]",
            r#"module.a["x.y"].module.b.aws_vpc.main["k\"q"]"#,
            r#"module.a[3].data.aws_ami.x["a$${b}"]"#,
        ] {
            assert_eq!(text.parse::<Address>().map(|address| address.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        for text in ["", "aws_vpc", "aws_vpc.", "module.a", "a.b.c", "a.b[", "a.b[x]", "a.b[\"x]", "a.b[0]c", "a b.c"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
