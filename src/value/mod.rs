//! Values of the language: null, known after apply, bool, number, string, collections, and what is marked
//! about them (sensitive, ephemeral, which instances they come from).
//!
//! [`Debug`](std::fmt::Debug) never prints a sensitive value.

mod copied;
mod entries;
pub mod json;
mod kind;
mod marks;
mod masked;
mod number;
mod place;

use std::fmt;
use std::sync::Arc;

pub use copied::copy_marks;
pub use entries::Entries;
pub use kind::{Field, Type};
pub use marks::{AllMarks, Marks};
pub use masked::{masked, without_echoes};
pub use number::{BadNumber, Decimal, Number};

/// A value with its marks.
#[derive(Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// What is marked about it.
    pub marks: Marks,
}

/// What a value is. Collections carry the type of their elements, so that an empty one has a type too.
#[derive(Clone, PartialEq)]
pub enum Data {
    /// No value, of a type.
    Null(Type),
    /// Known after apply.
    Unknown(Arc<Unknown>),
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text in NFC.
    String(Arc<str>),
    /// `list(T)`.
    List(Type, Arc<Vec<Value>>),
    /// `set(T)`: sorted, without duplicates.
    Set(Type, Arc<Vec<Value>>),
    /// `map(T)`.
    Map(Type, Arc<Entries>),
    /// A sequence whose elements have their own types.
    Tuple(Arc<Vec<Value>>),
    /// Named attributes.
    Object(Arc<Entries>),
}

/// A value that is known only after apply, and what is known about it before.
#[derive(Clone, PartialEq, Debug)]
pub struct Unknown {
    /// Its type.
    pub ty: Type,
    /// It will not be null.
    pub not_null: bool,
    /// A string will start with this.
    pub prefix: Option<Arc<str>>,
    /// Smallest and largest number of elements of a collection.
    pub length: (usize, Option<usize>),
    /// Bounds of a number, each with whether it is included.
    pub range: Option<Arc<Range>>,
}

/// Bounds of a number; each with whether the bound itself is possible.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Range {
    /// Lower bound.
    pub low: Option<(Number, bool)>,
    /// Upper bound.
    pub high: Option<(Number, bool)>,
}

impl Unknown {
    /// Nothing but the type is known.
    pub fn of(ty: Type) -> Self {
        Self { ty, not_null: false, prefix: None, length: (0, None), range: None }
    }
}

/// Known after apply, with what is known before.
impl From<Unknown> for Value {
    fn from(unknown: Unknown) -> Self {
        Data::Unknown(Arc::new(unknown)).into()
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, marks: Marks::default() }
    }
}

impl Value {
    /// Null of a type.
    pub fn null(ty: Type) -> Self {
        Data::Null(ty).into()
    }

    /// Known after apply, of a type.
    pub fn unknown(ty: Type) -> Self {
        Unknown::of(ty).into()
    }

    /// Known after apply, and certainly not null.
    pub fn unknown_not_null(ty: Type) -> Self {
        Unknown { not_null: true, ..Unknown::of(ty) }.into()
    }

    /// Text, normalised to NFC.
    pub fn string(text: impl AsRef<str>) -> Self {
        use unicode_normalization::{UnicodeNormalization, is_nfc, is_nfc_stream_safe};
        /// Combining characters that may follow each other; U+034F goes between more, as Go's library has it.
        const MOST_COMBINING: usize = 30;
        let text = text.as_ref();
        // A short text cannot hold too many combining characters.
        let is_short = text.len() <= 2 * MOST_COMBINING;
        if text.is_ascii() || is_short && is_nfc(text) || is_nfc_stream_safe(text) {
            return Data::String(text.into()).into();
        }
        Data::String(text.stream_safe().nfc().collect::<String>().into()).into()
    }

    /// A list of elements of one type.
    pub fn list(ty: Type, elements: Vec<Self>) -> Self {
        Data::List(ty, Arc::new(elements)).into()
    }

    /// A set of elements of one type; sorts, drops duplicates and takes over the marks of the elements.
    pub fn set(ty: Type, elements: Vec<Self>) -> Self {
        let mut marks = AllMarks::default();
        let mut elements: Vec<Self> = elements
            .into_iter()
            .map(|element| {
                let (element, inner) = element.split_marks_deep();
                marks.add(&inner);
                element
            })
            .collect();
        place::sort(&mut elements);
        elements.dedup();
        Self { data: Data::Set(ty, Arc::new(elements)), marks: marks.finish() }
    }

    /// A map of elements of one type.
    pub fn map(ty: Type, entries: Entries) -> Self {
        Data::Map(ty, Arc::new(entries)).into()
    }

    /// A sequence whose elements have their own types.
    pub fn tuple(elements: Vec<Self>) -> Self {
        Data::Tuple(Arc::new(elements)).into()
    }

    /// Named attributes.
    pub fn object(entries: Entries) -> Self {
        Data::Object(Arc::new(entries)).into()
    }

    /// The type.
    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Null(ty) => ty.clone(),
            Data::Unknown(unknown) => unknown.ty.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::String(_) => Type::String,
            Data::List(ty, _) => Type::List(Arc::new(ty.clone())),
            Data::Set(ty, _) => Type::Set(Arc::new(ty.clone())),
            Data::Map(ty, _) => Type::Map(Arc::new(ty.clone())),
            Data::Tuple(elements) => Type::Tuple(elements.iter().map(Self::ty).collect()),
            Data::Object(entries) => Type::object(entries.iter().map(|(name, value)| (name.clone(), value.ty()))),
        }
    }

    /// Whether a number in it is infinite: no file can hold that.
    pub fn has_infinity(&self) -> bool {
        self.as_number().is_some_and(Number::is_infinite) || self.children().any(Self::has_infinity)
    }

    /// The value with a zero in place of each minus zero, as plans write numbers.
    #[must_use]
    pub fn with_plain_zeros(&self) -> Self {
        match &self.data {
            Data::Number(number) if number.is_zero() && number.is_negative() => {
                Self { data: Data::Number(Number::ZERO), marks: self.marks.clone() }
            }
            _ => self.map_children(&Self::with_plain_zeros),
        }
    }

    /// Whether there is a minus zero in it.
    pub fn has_minus_zero(&self) -> bool {
        let is_minus_zero = |number: &Number| number.is_zero() && number.is_negative();
        self.as_number().is_some_and(is_minus_zero) || self.children().any(Self::has_minus_zero)
    }

    /// Whether it is null (of any type).
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    /// Whether it is itself known (elements may still be unknown).
    pub fn is_known(&self) -> bool {
        !matches!(self.data, Data::Unknown(_))
    }

    /// Whether it and everything inside it is known.
    pub fn is_wholly_known(&self) -> bool {
        self.is_known() && self.children().all(Self::is_wholly_known)
    }

    /// Elements of a collection or attributes of an object; nothing for other values.
    pub fn children(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match &self.data {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => Box::new(elements.iter()),
            Data::Map(_, entries) | Data::Object(entries) => Box::new(entries.values()),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// Elements of a list, set or tuple.
    pub fn elements(&self) -> Option<&[Self]> {
        match &self.data {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => Some(elements),
            _ => None,
        }
    }

    /// Entries of a map or attributes of an object.
    pub fn entries(&self) -> Option<&Entries> {
        match &self.data {
            Data::Map(_, entries) | Data::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The attribute of an object or entry of a map.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.entries()?.get(name)
    }

    /// The text, when it is known text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, when it is a known bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self.data {
            Data::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The number, when it is a known number.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.data {
            Data::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The whole number, when it is a known one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.to_i64()
    }

    /// The same value with further marks.
    #[must_use]
    pub fn with_marks(mut self, marks: &Marks) -> Self {
        self.marks = self.marks.union(marks);
        self
    }

    /// The same value marked sensitive.
    #[must_use]
    pub fn sensitive(self) -> Self {
        self.with_marks(&Marks::SENSITIVE)
    }

    /// Marks of the value and of everything inside it.
    pub fn marks_deep(&self) -> Marks {
        let mut all = AllMarks::default();
        self.add_marks(&mut all);
        all.finish()
    }

    /// Adds the marks of the value and of everything inside it.
    pub fn add_marks(&self, all: &mut AllMarks) {
        all.add(&self.marks);
        match &self.data {
            Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
                elements.iter().for_each(|element| element.add_marks(all));
            }
            Data::Map(_, entries) | Data::Object(entries) => entries.values().for_each(|value| value.add_marks(all)),
            _ => {}
        }
    }

    /// The value without its origins, inside too. What has none is shared.
    #[must_use]
    pub fn without_origins(self) -> Self {
        let value = if self.marks.has_origins() { Self { marks: self.marks.visibility(), ..self } } else { self };
        if value.children().any(Self::has_origins) {
            return value.map_children(&|child| child.clone().without_origins());
        }
        value
    }

    /// Whether something in it is unknown, and neither that nor what is around it says where it comes from.
    pub fn has_unknown_without_origin(&self) -> bool {
        let is_unknown = matches!(self.data, Data::Unknown(_));
        !self.marks.has_origins() && (is_unknown || self.children().any(Self::has_unknown_without_origin))
    }

    fn has_origins(&self) -> bool {
        self.marks.has_origins() || self.children().any(Self::has_origins)
    }

    /// The value without any marks, inside too, and the marks it had.
    pub fn split_marks_deep(self) -> (Self, Marks) {
        let marks = self.marks_deep();
        (if marks.is_empty() { self } else { self.unmarked() }, marks)
    }

    /// The value without any marks, inside too.
    #[must_use]
    pub fn unmarked(&self) -> Self {
        self.map_children(&|child| child.unmarked()).data.into()
    }

    /// The same collection with every element or attribute replaced; marks of the value itself stay.
    #[must_use]
    pub fn map_children(&self, change: &dyn Fn(&Self) -> Self) -> Self {
        let all = |elements: &[Self]| Arc::new(elements.iter().map(change).collect::<Vec<_>>());
        let each =
            |entries: &Entries| Arc::new(entries.iter().map(|(name, value)| (name.clone(), change(value))).collect());
        let data = match &self.data {
            Data::List(ty, elements) => Data::List(ty.clone(), all(elements)),
            Data::Set(ty, elements) => Data::Set(ty.clone(), all(elements)),
            Data::Tuple(elements) => Data::Tuple(all(elements)),
            Data::Map(ty, entries) => Data::Map(ty.clone(), each(entries)),
            Data::Object(entries) => Data::Object(each(entries)),
            plain => plain.clone(),
        };
        Self { data, marks: self.marks.clone() }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Data::Bool(truth).into()
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Data::Number(number.into()).into()
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Data::Number(number).into()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(text)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.marks.is_sensitive() {
            return f.write_str("(sensitive)");
        }
        if self.marks.is_ephemeral() {
            return f.write_str("(ephemeral)");
        }
        match &self.data {
            Data::Null(_) => f.write_str("null"),
            Data::Unknown(_) => f.write_str("(known after apply)"),
            Data::Bool(truth) => write!(f, "{truth}"),
            Data::Number(number) => write!(f, "{number}"),
            Data::String(text) => write!(f, "{text:?}"),
            Data::List(_, elements) | Data::Tuple(elements) => f.debug_list().entries(elements.iter()).finish(),
            Data::Set(_, elements) => f.debug_set().entries(elements.iter()).finish(),
            Data::Map(_, entries) | Data::Object(entries) => f.debug_map().entries(entries.iter()).finish(),
        }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the marks nobody can tell whether it is sensitive.
        f.write_str("Data(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_sensitive_values() {
        let entries = [("a".into(), Value::from("hush").sensitive()), ("b".into(), Value::from(1))];
        assert_eq!(format!("{:?}", Value::object(entries.into())), r#"{"a": (sensitive), "b": 1}"#);
    }

    #[test]
    fn sets_sort_drop_duplicates_and_lift_marks() {
        let set = Value::set(Type::String, vec!["b".into(), Value::from("a").sensitive(), "b".into()]);
        assert!(set.marks.is_sensitive());
        assert_eq!(set.elements(), Some([Value::from("a"), Value::from("b")].as_slice()));
    }

    #[test]
    fn strings_are_normalised() {
        assert_eq!(Value::from("e\u{301}"), Value::from("é"));
        let marks = |count: usize| "\u{316}".repeat(count);
        let text = Value::from(format!("a{}", marks(40)));
        assert_eq!(text.as_str(), Some(&*format!("a{}\u{34f}{}", marks(30), marks(10))));
        let text = Value::from(format!("a{}", marks(30)));
        assert_eq!(text.as_str(), Some(&*format!("a{}", marks(30))));
    }
}
