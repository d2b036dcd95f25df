//! The state in memory.
//!
//! Attributes stay JSON until somebody with the schema decodes them, so that resource types we do not know survive
//! unchanged. [`Debug`](fmt::Debug) shows no attribute values.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::address::{Address, Resource};
use crate::clock::Clock;
use crate::diagnostic::Diagnostic;
use crate::value::json::{self, Decoded, Raw};
use crate::value::{Data, Entries, Type, Value};

/// What we write as `terraform_version` into a new state: the version whose format this is.
pub const WRITES_AS: &str = "1.11.4";

/// Everything that is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Version of Terraform that wrote it first or last.
    pub terraform_version: String,
    /// Rises by one with every snapshot that differs from the one before; 0 before the first.
    pub serial: u64,
    /// Identity of the state: two states with different lineages have nothing to do with each other.
    pub lineage: String,
    /// Outputs of the root module; null ones are left out when written.
    pub outputs: BTreeMap<String, Output>,
    /// Objects, current and deposed.
    pub instances: BTreeMap<InstanceKey, Instance>,
    /// Results of checks, as in the file.
    pub check_results: Option<Raw>,
    /// Members of the file that nobody here knows.
    pub extra: BTreeMap<String, Raw>,
}

/// An output of the root module.
#[derive(Clone, PartialEq)]
pub struct Output {
    /// Its value. Marks do not matter here.
    pub value: Value,
    /// Whether it must not be shown.
    pub sensitive: bool,
}

impl Output {
    /// Its value, marked when it must not be shown.
    pub fn shown(self) -> Value {
        if self.sensitive { self.value.sensitive() } else { self.value }
    }
}

/// Names an object: the current one of an instance, or one that was set aside while its replacement was made.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceKey {
    /// The instance.
    pub address: Address,
    /// Eight hex digits, for an object that was set aside.
    pub deposed: Option<String>,
}

/// An object.
#[derive(Clone, PartialEq)]
pub struct Instance {
    /// The provider, as in the file: `provider["registry.terraform.io/hashicorp/aws"].west`.
    pub provider: Arc<str>,
    /// Version of the resource type's schema that the attributes follow.
    pub schema_version: u64,
    /// Attributes as JSON, in the form of [`json::to_state`].
    pub attributes: Raw,
    /// Attributes as Terraform 0.11 and older wrote them; kept, not understood.
    pub attributes_flat: Option<BTreeMap<String, String>>,
    /// Where in the attributes sensitive values stand.
    pub sensitive_attributes: Vec<SensitivePath>,
    /// Data of the provider, in base64.
    pub private: Option<String>,
    /// Blocks it depends on, through others too; sorted when we write them.
    pub dependencies: Vec<Arc<Resource>>,
    /// Its replacement is made before it is destroyed.
    pub create_before_destroy: bool,
    /// It is not whole and must be replaced.
    pub tainted: bool,
    /// Members of the file that nobody here knows, such as `identity`.
    pub extra: BTreeMap<String, Raw>,
}

/// The way to a sensitive value inside the attributes.
pub type SensitivePath = Vec<PathStep>;

/// One step of a [`SensitivePath`].
#[derive(Clone, PartialEq)]
pub enum PathStep {
    /// An attribute of an object.
    Attr(Arc<str>),
    /// An element: its position, its key, or (in a set) itself.
    Index(Value),
}

impl State {
    /// A state without objects and with a lineage of its own.
    pub fn fresh(clock: &Clock) -> Result<Self, Diagnostic> {
        let mut bytes = [0; 16];
        clock.random(&mut bytes).map_err(no_randomness)?;
        Ok(Self::of_lineage(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()))
    }

    /// A state without objects.
    pub fn of_lineage(lineage: impl Into<String>) -> Self {
        Self {
            terraform_version: WRITES_AS.to_owned(),
            serial: 0,
            lineage: lineage.into(),
            outputs: BTreeMap::new(),
            instances: BTreeMap::new(),
            check_results: None,
            extra: BTreeMap::new(),
        }
    }

    /// The current object of an instance.
    pub fn get(&self, address: &Address) -> Option<&Instance> {
        self.instances.get(&InstanceKey::current(address.clone()))
    }

    /// Whether no objects are remembered.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// Objects of a block, current and deposed.
    pub fn of_resource<'a>(&'a self, resource: &'a Resource) -> impl Iterator<Item = (&'a InstanceKey, &'a Instance)> {
        let first = InstanceKey::current(Address::new(resource.clone(), None));
        self.instances.range(first..).take_while(move |(key, _)| *key.address.resource == *resource)
    }

    /// A key for an object of `address` that is set aside: one that is not in use.
    pub fn new_deposed_key(&self, address: &Address, clock: &Clock) -> Result<InstanceKey, Diagnostic> {
        loop {
            let mut bytes = [0; 4];
            clock.random(&mut bytes).map_err(no_randomness)?;
            let deposed = Some(format!("{:08x}", u32::from_be_bytes(bytes)));
            let key = InstanceKey { address: address.clone(), deposed };
            if !self.instances.contains_key(&key) {
                return Ok(key);
            }
        }
    }
}

impl InstanceKey {
    /// The current object of an instance.
    pub fn current(address: Address) -> Self {
        Self { address, deposed: None }
    }
}

impl Instance {
    /// An object with these attributes: `value` is of the type `ty` of its schema. Sensitive marks are remembered.
    pub fn new(provider: &str, schema_version: u64, value: &Value, ty: &Type) -> Result<Self, Diagnostic> {
        let mut instance = Self {
            provider: provider.into(),
            schema_version,
            attributes: Raw::empty_object(),
            attributes_flat: None,
            sensitive_attributes: Vec::new(),
            private: None,
            dependencies: Vec::new(),
            create_before_destroy: false,
            tainted: false,
            extra: BTreeMap::new(),
        };
        instance.encode(value, ty)?;
        Ok(instance)
    }

    /// Replaces the attributes; `value` is of the type `ty` of the schema. Sensitive marks are remembered.
    pub fn encode(&mut self, value: &Value, ty: &Type) -> Result<(), Diagnostic> {
        let text = json::to_state(value, ty).and_then(|text| Raw::parse(&text));
        self.attributes = text.map_err(|error| {
            Diagnostic::error(
                "A value cannot be stored",
                format!("The state file holds values as JSON, and this one has none: {error}."),
            )
        })?;
        self.attributes_flat = None;
        self.sensitive_attributes = sensitive_paths(value);
        Ok(())
    }

    /// The attributes as a value of the type `ty` of the schema, with what is sensitive marked so. Lenient: see
    /// [`json::from_state`].
    pub fn decode(&self, ty: &Type) -> Result<Decoded, Diagnostic> {
        if self.attributes_flat.is_some() {
            return Err(Diagnostic::error(
                "Attributes in an old format",
                "The state file holds the attributes of this object in the format of Terraform 0.11, which glaz does not read. \
                 Nothing was changed. Run any newer Terraform once to convert them:\n\n  terraform apply -refresh-only",
            ));
        }
        let mut decoded = json::from_state(self.attributes.value(), ty).map_err(|error| {
            Diagnostic::error(
                "Attributes cannot be read",
                format!("The state file holds attributes that are damaged: {error}."),
            )
        })?;
        for path in &self.sensitive_attributes {
            decoded.value = mark(decoded.value, path);
        }
        Ok(decoded)
    }
}

/// Marks the value at the end of the path sensitive; what the path does not find stays as it is.
fn mark(value: Value, path: &[PathStep]) -> Value {
    let Some((step, rest)) = path.split_first() else { return value.sensitive() };
    let entries = |entries: &Arc<Entries>, name: &str| {
        let mut entries = (**entries).clone();
        if let Some(inner) = entries.get_mut(name) {
            *inner = mark(inner.clone(), rest);
        }
        Arc::new(entries)
    };
    let element = |elements: &Arc<Vec<Value>>, at: &Value| {
        let mut elements = (**elements).clone();
        let at = at.as_i64().and_then(|at| usize::try_from(at).ok());
        if let Some(inner) = at.and_then(|at| elements.get_mut(at)) {
            *inner = mark(inner.clone(), rest);
        }
        Arc::new(elements)
    };
    let data = match (&value.data, step) {
        (Data::Object(inner), PathStep::Attr(name)) => Data::Object(entries(inner, name)),
        (Data::Map(ty, inner), PathStep::Index(key)) => {
            Data::Map(ty.clone(), entries(inner, key.as_str().unwrap_or_default()))
        }
        (Data::List(ty, inner), PathStep::Index(at)) => Data::List(ty.clone(), element(inner, at)),
        (Data::Tuple(inner), PathStep::Index(at)) => Data::Tuple(element(inner, at)),
        // Elements of a set have no place of their own: the set is sensitive as a whole.
        (Data::Set(..), PathStep::Index(_)) => return value.sensitive(),
        _ => return value,
    };
    Value { data, marks: value.marks }
}

/// Where sensitive values stand, outermost only, in the order of the value.
fn sensitive_paths(value: &Value) -> Vec<SensitivePath> {
    fn walk(value: &Value, way: &mut SensitivePath, found: &mut Vec<SensitivePath>) {
        if value.marks.is_sensitive() {
            found.push(way.clone());
            return;
        }
        let mut visit = |step: PathStep, inner: &Value| {
            way.push(step);
            walk(inner, way, found);
            way.pop();
        };
        match &value.data {
            Data::Object(entries) => {
                entries.iter().for_each(|(name, inner)| visit(PathStep::Attr(name.clone()), inner));
            }
            Data::Map(_, entries) => {
                entries.iter().for_each(|(key, inner)| visit(PathStep::Index((&**key).into()), inner));
            }
            Data::List(_, elements) | Data::Tuple(elements) => {
                for (at, inner) in (0..).zip(elements.iter()) {
                    visit(PathStep::Index(Value::from(at)), inner);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut found);
    found
}

fn no_randomness(error: getrandom::Error) -> Diagnostic {
    Diagnostic::error(
        "No random numbers",
        format!("The operating system gives no random numbers: {error}. Nothing was changed."),
    )
}

/// `aws_vpc.main` or `aws_vpc.main (deposed object 14bff1a1)`.
impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        self.deposed.as_ref().map_or(Ok(()), |deposed| write!(f, " (deposed object {deposed})"))
    }
}

impl fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("sensitive", &self.sensitive).finish_non_exhaustive()
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("provider", &self.provider)
            .field("attributes", &self.attributes)
            .field("tainted", &self.tainted)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PathStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attr(name) => write!(f, ".{name}"),
            Self::Index(_) => f.write_str("[..]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        Value::object(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    #[test]
    fn sensitive_values_stay_sensitive() {
        let tags = Value::map(Type::String, [("k".into(), Value::from("hush").sensitive())].into());
        let list = Value::list(Type::String, vec!["a".into(), Value::from("hush").sensitive()]);
        let value = object([("l", list), ("name", "x".into()), ("tags", tags)]);
        let ty = value.ty();
        let instance = Instance::new("provider[\"p\"]", 1, &value, &ty).expect("stored");
        assert_eq!(format!("{:?}", instance.sensitive_attributes), "[[.l, [..]], [.tags, [..]]]");
        let decoded = instance.decode(&ty).expect("read");
        assert_eq!(decoded.value, value);
        assert!(!format!("{instance:?}{decoded:?}").contains("hush"));
    }

    #[test]
    fn objects_of_a_block_come_together() {
        let mut state = State::of_lineage("l");
        let instance = Instance::new("p", 0, &object([]), &object([]).ty()).expect("stored");
        for address in ["a.b", "a.b[0]", "a.b[10]", "a.b[2]", "a.b[\"x\"]", "a.c", "module.m.a.b"] {
            state.instances.insert(InstanceKey::current(address.parse().expect("an address")), instance.clone());
        }
        let found: Vec<_> = state.of_resource(&Resource::managed("a", "b")).map(|(key, _)| key.to_string()).collect();
        assert_eq!(found, ["a.b", "a.b[0]", "a.b[2]", "a.b[10]", "a.b[\"x\"]"]);
    }

    #[test]
    fn keys_of_deposed_objects_are_eight_hex_digits() {
        let clock = Clock::pinned(std::time::Duration::ZERO, 1);
        let state = State::fresh(&clock).expect("randomness");
        assert_eq!(state.lineage.len(), 36);
        let key = state.new_deposed_key(&"a.b".parse().expect("an address"), &clock).expect("randomness");
        assert!(key.deposed.is_some_and(|key| key.len() == 8 && key.chars().all(|c| c.is_ascii_hexdigit())));
    }
}
