//! The attribute table of a resource type: names, shapes, and how each attribute behaves in a plan.
//!
//! A table is written with [`model!`](crate::model) next to the type; the engine, the documentation and
//! `providers schema` all read the same one.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::value::{Entries, Type, Value};

/// The attributes of a resource type, data source, provider block or nested block.
#[derive(Debug)]
pub struct Schema {
    /// What it is; first line one sentence.
    pub doc: &'static str,
    /// In the order of the source.
    pub attrs: Vec<Attr>,
    /// The object type of a whole value.
    pub ty: Type,
    /// Whether an empty text is a value also where the service decides: otherwise it says as much as nothing.
    pub empty_is_value: bool,
    /// An object of which nothing is known but that there will be one, made once.
    unknown: OnceLock<Value>,
}

/// One attribute or nested block.
#[derive(Debug)]
pub struct Attr {
    /// Terraform's name.
    pub name: &'static str,
    /// The name again, shared by all objects of the type.
    pub key: Arc<str>,
    /// Meaning, unit, limits.
    pub doc: &'static str,
    /// Plain value or nested block.
    pub shape: Shape,
    /// How it behaves.
    pub spec: Spec,
    /// Its value when it is known only after apply, made once.
    unknown: OnceLock<Value>,
}

/// What an attribute holds.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A value, written `name = ...`.
    Plain(Type),
    /// Nested blocks, written `name { ... }`.
    Block(Nesting, &'static Schema),
}

/// How nested blocks are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object, or null (`timeouts`).
    Single,
    /// A list of at most one object.
    One,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
}

/// Who gives the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// The stack file, always.
    Required,
    /// The stack file, or nobody.
    Optional,
    /// The stack file; when left out the service decides and its answer is kept.
    OptionalComputed,
    /// The service.
    Computed,
}

/// A default written in the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lit {
    /// A bool.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Str(&'static str),
}

/// A check of one value, before anything is called.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A whole number between these, inclusive.
    Range(i64, i64),
    /// A text of this many characters, inclusive.
    Length(usize, usize),
    /// A text that matches the regular expression; the second text says in words what is allowed.
    Pattern(&'static str, &'static str),
    /// Any other check; the error is a sentence.
    Check(fn(&Value) -> Result<(), String>),
}

/// How several attributes of one block go together. Names are of the same block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// None of these may be set beside it.
    Conflicts(&'static [&'static str]),
    /// Exactly one of these (itself included) must be set.
    ExactlyOneOf(&'static [&'static str]),
    /// At least one of these (itself included) must be set.
    AtLeastOneOf(&'static [&'static str]),
    /// All of these must be set beside it.
    RequiredWith(&'static [&'static str]),
}

/// When two values mean the same: asked with what was there and what is wanted.
pub type Same = fn(&Value, &Value) -> bool;

/// What a value holds in one spelling, as JSON: asked with the value and the whole object that it belongs to.
pub type Fields = fn(&Value, &Value) -> Option<serde_json::Value>;

/// The behaviour of an attribute. Built by [`required`], [`optional`], [`optional_computed`] or [`computed`].
#[derive(Clone, Debug)]
pub struct Spec {
    /// Who gives the value.
    pub usage: Usage,
    /// A change replaces the object.
    pub force_new: bool,
    /// Never shown.
    pub sensitive: bool,
    /// Never read back from the service: what the stack file said is kept.
    pub local: bool,
    /// Told to the service and kept nowhere: null in plan, journal and state, so that ephemeral values will do. The stack
    /// file gives it; `create`, `finish` and `update` of the type alone get to see it. Nobody sees that it changed: the
    /// type sends it when another attribute changes, by custom `NAME_version`.
    pub write_only: bool,
    /// Holds JSON: compared by meaning, shown by field.
    pub json: bool,
    /// Value when left out.
    pub default: Option<Lit>,
    /// When two values mean the same although they differ.
    pub same: Option<Same>,
    /// What it holds field by field, for a value that two owners change. The type that gives it owns it, a merge of what
    /// both changed reads it; without it such a value is one field.
    pub fields: Option<Fields>,
    /// Checks of the value (of each element, for a collection).
    pub rules: Vec<Rule>,
    /// How it goes together with others.
    pub together: Vec<Together>,
    /// Fewest blocks or elements.
    pub min_items: usize,
    /// Most blocks or elements.
    pub max_items: Option<usize>,
    /// Why it should not be used any more.
    pub deprecated: Option<&'static str>,
    /// A list of objects that is written `name = [{...}]` as well as in blocks.
    pub as_attribute: bool,
}

const fn spec(usage: Usage) -> Spec {
    Spec {
        usage,
        force_new: false,
        sensitive: false,
        local: false,
        write_only: false,
        json: false,
        default: None,
        same: None,
        fields: None,
        rules: Vec::new(),
        together: Vec::new(),
        min_items: 0,
        max_items: None,
        deprecated: None,
        as_attribute: false,
    }
}

/// The stack file must give it.
pub const fn required() -> Spec {
    spec(Usage::Required)
}

/// The stack file may give it; left out means absent, or the default.
pub const fn optional() -> Spec {
    spec(Usage::Optional)
}

/// The stack file may give it; left out means whatever the service has.
pub const fn optional_computed() -> Spec {
    spec(Usage::OptionalComputed)
}

/// Only the service gives it.
pub const fn computed() -> Spec {
    spec(Usage::Computed)
}

impl Spec {
    /// A change replaces the object.
    #[must_use]
    pub fn force_new(self) -> Self {
        Self { force_new: true, ..self }
    }

    /// Never shown.
    #[must_use]
    pub fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// Never read back from the service: what the stack file said is kept.
    #[must_use]
    pub fn local(self) -> Self {
        Self { local: true, ..self }
    }

    /// Told to the service and kept nowhere.
    #[must_use]
    pub fn write_only(self) -> Self {
        Self { write_only: true, local: true, ..self }
    }

    /// Holds JSON, compared by meaning. Invalid JSON is refused in the plan.
    #[must_use]
    pub fn json(self) -> Self {
        Self { json: true, same: Some(self.same.unwrap_or(same_json)), ..self }
    }

    /// Value when left out.
    #[must_use]
    pub fn default(self, value: Lit) -> Self {
        Self { default: Some(value), ..self }
    }

    /// When two values mean the same although they differ (asked with what was there and what is wanted).
    #[must_use]
    pub fn same(self, same: Same) -> Self {
        Self { same: Some(same), ..self }
    }

    /// What it holds field by field, for a value that two owners change.
    #[must_use]
    pub fn fields(self, fields: Fields) -> Self {
        Self { fields: Some(fields), ..self }
    }

    /// Texts that are allowed.
    #[must_use]
    pub fn one_of(self, texts: &'static [&'static str]) -> Self {
        self.rule(Rule::OneOf(texts))
    }

    /// Whole numbers that are allowed, inclusive.
    #[must_use]
    pub fn range(self, low: i64, high: i64) -> Self {
        self.rule(Rule::Range(low, high))
    }

    /// Number of characters that is allowed, inclusive.
    #[must_use]
    pub fn length(self, low: usize, high: usize) -> Self {
        self.rule(Rule::Length(low, high))
    }

    /// Regular expression that must match, and in words what is allowed.
    #[must_use]
    pub fn pattern(self, expression: &'static str, says: &'static str) -> Self {
        self.rule(Rule::Pattern(expression, says))
    }

    /// Any other check of the value; the error is a sentence.
    #[must_use]
    pub fn check(self, check: fn(&Value) -> Result<(), String>) -> Self {
        self.rule(Rule::Check(check))
    }

    fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// None of these may be set beside it.
    #[must_use]
    pub fn conflicts(self, names: &'static [&'static str]) -> Self {
        self.goes(Together::Conflicts(names))
    }

    /// Exactly one of these (itself included) must be set.
    #[must_use]
    pub fn exactly_one_of(self, names: &'static [&'static str]) -> Self {
        self.goes(Together::ExactlyOneOf(names))
    }

    /// At least one of these (itself included) must be set.
    #[must_use]
    pub fn at_least_one_of(self, names: &'static [&'static str]) -> Self {
        self.goes(Together::AtLeastOneOf(names))
    }

    /// All of these must be set beside it.
    #[must_use]
    pub fn required_with(self, names: &'static [&'static str]) -> Self {
        self.goes(Together::RequiredWith(names))
    }

    fn goes(mut self, together: Together) -> Self {
        self.together.push(together);
        self
    }

    /// Fewest and most blocks or elements.
    #[must_use]
    pub fn items(self, min: usize, max: usize) -> Self {
        Self { min_items: min, max_items: Some(max), ..self }
    }

    /// Fewest blocks or elements.
    #[must_use]
    pub fn min_items(self, min: usize) -> Self {
        Self { min_items: min, ..self }
    }

    /// Why it should not be used any more.
    #[must_use]
    pub fn deprecated(self, why: &'static str) -> Self {
        Self { deprecated: Some(why), ..self }
    }

    /// Nested objects may also be written as `name = [{...}]` (SDK v2's attributes-as-blocks).
    #[must_use]
    pub fn as_attribute(self) -> Self {
        Self { as_attribute: true, ..self }
    }
}

impl Lit {
    /// As a value of the type; a number or bool default of a text attribute becomes text.
    pub fn value(self, ty: &Type) -> Value {
        match (self, ty) {
            (Self::Bool(truth), Type::String) => Value::from(truth.to_string()),
            (Self::Int(number), Type::String) => Value::from(number.to_string()),
            (Self::Bool(truth), _) => truth.into(),
            (Self::Int(number), _) => number.into(),
            (Self::Str(text), _) => text.into(),
        }
    }
}

impl Shape {
    /// The type of the value.
    pub fn ty(&self) -> Type {
        match self {
            Self::Plain(ty) => ty.clone(),
            Self::Block(Nesting::Single, schema) => schema.ty.clone(),
            Self::Block(Nesting::One | Nesting::List, schema) => Type::list(schema.ty.clone()),
            Self::Block(Nesting::Set, schema) => Type::set(schema.ty.clone()),
        }
    }

    /// What stands for "left out": null, or no blocks.
    pub fn absent(&self) -> Value {
        match self {
            Self::Plain(ty) => Value::null(ty.clone()),
            Self::Block(Nesting::Single, schema) => Value::null(schema.ty.clone()),
            Self::Block(Nesting::One | Nesting::List, schema) => Value::list(schema.ty.clone(), Vec::new()),
            Self::Block(Nesting::Set, schema) => Value::set(schema.ty.clone(), Vec::new()),
        }
    }

    /// The table of nested blocks.
    pub fn block(&self) -> Option<(Nesting, &'static Schema)> {
        match self {
            Self::Plain(_) => None,
            Self::Block(nesting, schema) => Some((*nesting, schema)),
        }
    }
}

impl Attr {
    /// Joins what `model!` knows about a field. Nested objects that only the service gives are plain values:
    /// nobody writes blocks for them.
    pub fn new(name: &'static str, doc: &'static str, shape: Shape, spec: Spec) -> Self {
        let shape = match shape {
            Shape::Block(nesting, _) if spec.usage == Usage::Computed && nesting != Nesting::Single => {
                Shape::Plain(shape.ty())
            }
            other => other,
        };
        let name = super::model::plain(name);
        Self { name, key: name.into(), doc: doc.trim(), shape, spec, unknown: OnceLock::new() }
    }

    /// Its value when it is known only after apply.
    pub fn unknown(&self) -> Value {
        self.unknown.get_or_init(|| Value::unknown(self.shape.ty())).clone()
    }

    /// Whether the stack file may give it.
    pub fn is_input(&self) -> bool {
        self.spec.usage != Usage::Computed
    }

    /// Whether the service may give it.
    pub fn is_computed(&self) -> bool {
        matches!(self.spec.usage, Usage::Computed | Usage::OptionalComputed)
    }

    /// Whether the value is an empty text that says as much as nothing, in a table where it can: nothing stands in for it
    /// but what the service decides.
    pub fn is_empty_text(&self, said: &Value) -> bool {
        let may_be_left = matches!(self.spec.usage, Usage::Optional | Usage::OptionalComputed);
        may_be_left
            && self.spec.default.is_none()
            && matches!(self.shape, Shape::Plain(Type::String))
            && said.as_str() == Some("")
    }

    /// The value when left out, before the service is asked.
    pub fn default_value(&self) -> Option<Value> {
        self.spec.default.map(|default| default.value(&self.shape.ty()))
    }

    /// Whether the two values mean the same.
    pub fn means_same(&self, have: &Value, want: &Value) -> bool {
        have == want
            || (have.is_wholly_known() && want.is_wholly_known() && self.spec.same.is_some_and(|same| same(have, want)))
    }
}

impl Schema {
    /// A table; the type follows from the attributes.
    pub fn new(doc: &'static str, attrs: Vec<Attr>) -> Self {
        let ty = Type::object(attrs.iter().map(|attr| (attr.key.clone(), attr.shape.ty())));
        Self { doc: doc.trim(), attrs, ty, empty_is_value: true, unknown: OnceLock::new() }
    }

    /// The same table, where an empty text says as much as nothing.
    #[must_use]
    pub fn empty_says_nothing(self) -> Self {
        Self { empty_is_value: false, ..self }
    }

    /// An object of which nothing is known but that there will be one.
    pub fn unknown(&self) -> Value {
        self.unknown.get_or_init(|| Value::unknown_not_null(self.ty.clone())).clone()
    }

    /// The attribute with this name.
    pub fn get(&self, name: &str) -> Option<&Attr> {
        self.attrs.iter().find(|attr| attr.name == name)
    }

    /// An object in which everything is left out.
    pub fn absent(&self) -> Value {
        Value::object(self.attrs.iter().map(|attr| (attr.key.clone(), attr.shape.absent())).collect::<Entries>())
    }
}

/// Whether two texts hold the same JSON.
pub fn same_json(have: &Value, want: &Value) -> bool {
    let parse = |value: &Value| serde_json::from_str::<serde_json::Value>(value.as_str()?).ok();
    matches!((parse(have), parse(want)), (Some(have), Some(want)) if have == want)
}

/// Whether two texts are equal but for upper and lower case.
pub fn same_ignoring_case(have: &Value, want: &Value) -> bool {
    matches!((have.as_str(), want.as_str()), (Some(have), Some(want)) if have.to_lowercase() == want.to_lowercase())
}

/// How long the operations of a type take, for the schedule, and how long they may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Typical time of create, update and delete.
    pub typical: [Duration; 3],
    /// Time limit of create, update and delete; a `timeouts` block overrides it.
    pub limit: [Duration; 3],
    /// Wait between two looks at an object that settles.
    pub poll: Duration,
}

/// Typical seconds of create, update and delete; limits of ten minutes each, a look every five seconds.
pub const fn secs(create: u64, update: u64, delete: u64) -> Pace {
    let limit = Duration::from_secs(600);
    Pace {
        typical: [Duration::from_secs(create), Duration::from_secs(update), Duration::from_secs(delete)],
        limit: [limit; 3],
        poll: Duration::from_secs(5),
    }
}

impl Pace {
    /// Other time limits, in minutes.
    #[must_use]
    pub const fn limits(self, create: u64, update: u64, delete: u64) -> Self {
        let limit =
            [Duration::from_secs(create * 60), Duration::from_secs(update * 60), Duration::from_secs(delete * 60)];
        Self { limit, ..self }
    }

    /// Another wait between two looks, in seconds.
    #[must_use]
    pub const fn poll(self, seconds: u64) -> Self {
        Self { poll: Duration::from_secs(seconds), ..self }
    }
}

/// Terraform's (Go's) durations: `"30m"`, `"1h30m"`, `"90s"`.
pub fn duration(text: &str) -> Option<Duration> {
    let (mut total, mut rest) = (0.0, text.trim());
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let (unit, tail) = tail.split_at(tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len()));
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * seconds;
        rest = tail;
    }
    Duration::try_from_secs_f64(total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(duration("90s"), Some(Duration::from_secs(90)));
        assert_eq!(duration("soon"), None);
    }
}
