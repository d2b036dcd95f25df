//! [`model!`](crate::model): a typed struct and its attribute table from one text, and the conversion between
//! the struct and [`Value`].
//!
//! The struct is always fully known: what is known only after apply exists only in `Value`.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::attr::{Nesting, Schema, Shape};
use crate::value::{Data, Number, Type, Value};

/// A struct written with [`model!`](crate::model).
pub trait Model: Field + Default + PartialEq + Send + Sync + 'static {
    /// The attribute table.
    fn schema() -> &'static Schema;
}

/// A value does not fit the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is needed at {path}")]
pub struct Mismatch {
    /// Attribute names from the outside in.
    pub path: String,
    /// What would fit.
    pub what: &'static str,
}

impl Mismatch {
    /// `what` would fit here.
    pub fn needs(what: &'static str) -> Self {
        Self { path: String::new(), what }
    }

    /// The mismatch lies inside the attribute.
    #[must_use]
    pub fn inside(self, name: &'static str) -> Self {
        let name = plain(name);
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{name}.{}", self.path) };
        Self { path, ..self }
    }
}

/// A Rust type that an attribute can have.
pub trait Field: Sized + Clone {
    /// The type without `Option`.
    type Inner: Field;
    /// Plain type or nested block.
    fn shape() -> Shape;
    /// As the value of the attribute.
    fn encode(&self) -> Value;
    /// From the value of the attribute; null and left-out blocks give `None` or empty.
    fn decode(value: &Value) -> Result<Self, Mismatch>;
    /// As an element of a collection.
    fn encode_element(&self) -> Value {
        self.encode()
    }
    /// From an element of a collection.
    fn decode_element(value: &Value) -> Result<Self, Mismatch> {
        Self::decode(value)
    }
}

/// The typed name of an attribute.
#[derive(Debug)]
pub struct Key<T> {
    /// Terraform's name.
    pub name: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    /// A key; `model!` makes them.
    pub const fn new(name: &'static str) -> Self {
        Self { name: plain(name), of: PhantomData }
    }
}

/// Terraform's name of a field: without the `r#` that lets Rust use a keyword, and without the `_` behind `self`,
/// which Rust takes in no other way.
pub const fn plain(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        [.., b'_'] => name.split_at(name.len() - 1).0,
        _ => name,
    }
}

/// A set of plain values or of nested blocks. Order carries no meaning, also in comparisons.
#[derive(Clone, Default)]
pub struct Set<T>(pub Vec<T>);

impl<T: PartialEq> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().all(|element| other.0.contains(element))
    }
}

impl<T> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self(elements.into_iter().collect())
    }
}

impl<T> std::ops::Deref for Set<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

macro_rules! plain_field {
    ($($type:ty, $kind:expr, $what:literal, $encode:expr, $decode:expr;)*) => {$(
        impl Field for $type {
            type Inner = Self;
            fn shape() -> Shape { Shape::Plain($kind) }
            fn encode(&self) -> Value { ($encode)(self) }
            fn decode(value: &Value) -> Result<Self, Mismatch> {
                if value.is_null() { return Ok(Self::default()); }
                ($decode)(value).ok_or(Mismatch::needs($what))
            }
        }
    )*};
}

plain_field! {
    String, Type::String, "text", |text: &String| Value::from(text.as_str()), |value: &Value| value.as_str().map(str::to_owned);
    bool, Type::Bool, "true or false", |truth: &bool| Value::from(*truth), Value::as_bool;
    i64, Type::Number, "a whole number", |number: &i64| Value::from(*number), Value::as_i64;
    i32, Type::Number, "a whole number (at most 2147483647)", |number: &i32| Value::from(i64::from(*number)),
        |value: &Value| value.as_i64().and_then(|number| number.try_into().ok());
    f64, Type::Number, "a number", |number: &f64| Value::from(Number::from_f64(*number)), |value: &Value| value.as_number().map(Number::to_f64);
}

impl<T: Field> Field for Option<T> {
    type Inner = T;

    fn shape() -> Shape {
        T::shape()
    }

    fn encode(&self) -> Value {
        self.as_ref().map_or_else(|| T::shape().absent(), T::encode)
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        let is_block = matches!(T::shape(), Shape::Block(..));
        let absent = value.is_null() || (is_block && value.elements().is_some_and(<[Value]>::is_empty));
        if absent { Ok(None) } else { T::decode(value).map(Some) }
    }
}

/// The shape of a collection of `T`: nested blocks stay blocks.
fn collection(element: &Shape, nesting: Nesting, plain: fn(Type) -> Type) -> Shape {
    match element {
        Shape::Plain(ty) => Shape::Plain(plain(ty.clone())),
        Shape::Block(_, schema) => Shape::Block(nesting, schema),
    }
}

/// The type of one element of a collection.
fn element_type<T: Field>() -> Type {
    match T::shape() {
        Shape::Plain(ty) => ty,
        Shape::Block(_, schema) => schema.ty.clone(),
    }
}

fn decode_all<T: Field>(value: &Value) -> Result<Vec<T>, Mismatch> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    value.elements().ok_or(Mismatch::needs("a list"))?.iter().map(T::decode_element).collect()
}

impl<T: Field> Field for Vec<T> {
    type Inner = Self;

    fn shape() -> Shape {
        collection(&T::shape(), Nesting::List, Type::list)
    }

    fn encode(&self) -> Value {
        Value::list(element_type::<T>(), self.iter().map(T::encode_element).collect())
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        decode_all(value)
    }
}

impl<T: Field> Field for Set<T> {
    type Inner = Self;

    fn shape() -> Shape {
        collection(&T::shape(), Nesting::Set, Type::set)
    }

    fn encode(&self) -> Value {
        Value::set(element_type::<T>(), self.0.iter().map(T::encode_element).collect())
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        decode_all(value).map(Self)
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    type Inner = Self;

    fn shape() -> Shape {
        Shape::Plain(Type::map(element_type::<T>()))
    }

    fn encode(&self) -> Value {
        let entries = self.iter().map(|(name, element)| (name.as_str().into(), element.encode_element()));
        Value::map(element_type::<T>(), entries.collect())
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        if value.is_null() {
            return Ok(Self::new());
        }
        let entries = value.entries().ok_or(Mismatch::needs("a map"))?;
        entries.iter().map(|(name, element)| Ok((name.to_string(), T::decode_element(element)?))).collect()
    }
}

/// Nested blocks kept as one object, or null: `Option<Single<M>>`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Single<M>(pub M);

impl<M: Model> Field for Single<M> {
    type Inner = Self;

    fn shape() -> Shape {
        Shape::Block(Nesting::Single, M::schema())
    }

    fn encode(&self) -> Value {
        self.0.encode_element()
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        M::decode_element(value).map(Self)
    }
}

/// A value of any type, such as `terraform_data`'s `input`.
impl Field for Value {
    type Inner = Self;

    fn shape() -> Shape {
        Shape::Plain(Type::Any)
    }

    fn encode(&self) -> Value {
        self.clone()
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        Ok(value.clone())
    }
}

/// Value of any type: null until given.
impl Default for Value {
    fn default() -> Self {
        Self::null(Type::Any)
    }
}

/// Time limits the stack file sets, as Terraform's durations (`"30m"`).
#[derive(Clone, Default, PartialEq)]
pub struct Timeouts {
    /// For making it.
    pub create: Option<String>,
    /// For reading it.
    pub read: Option<String>,
    /// For changing it.
    pub update: Option<String>,
    /// For deleting it.
    pub delete: Option<String>,
}

impl Timeouts {
    const NAMES: [&'static str; 4] = ["create", "read", "update", "delete"];
}

/// Every type accepts all four limits; one that has no such operation ignores it.
impl Field for Timeouts {
    type Inner = Self;

    fn shape() -> Shape {
        use super::attr::{Attr, optional};
        static SCHEMA: std::sync::LazyLock<Schema> = std::sync::LazyLock::new(|| {
            let attr =
                |name| Attr::new(name, "Longest time for it, such as \"30m\".", Shape::Plain(Type::String), optional());
            Schema::new("Time limits of the operations.", Timeouts::NAMES.map(attr).into())
        });
        Shape::Block(Nesting::Single, &SCHEMA)
    }

    fn encode(&self) -> Value {
        let limits = [&self.create, &self.read, &self.update, &self.delete];
        let entry = |(name, limit): (&str, &Option<String>)| (name.into(), limit.encode());
        Value::object(Self::NAMES.into_iter().zip(limits).map(entry).collect())
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        let limit = |name| value.get(name).map_or(Ok(None), Option::decode);
        Ok(Self { create: limit("create")?, read: limit("read")?, update: limit("update")?, delete: limit("delete")? })
    }
}

/// Reads a named attribute of an object; a missing one is read as null.
pub fn decode_named<T: Field>(object: &Value, name: &'static str) -> Result<T, Mismatch> {
    let name = plain(name);
    let value = object.get(name).cloned().unwrap_or_else(|| T::shape().absent());
    if !value.is_known() {
        return Err(Mismatch::needs("a value that is known now").inside(name));
    }
    T::decode(&value).map_err(|mismatch| mismatch.inside(name))
}

/// The object inside a list of one, as nested blocks are kept.
pub fn only_element(value: &Value) -> Result<&Value, Mismatch> {
    match &value.data {
        Data::Object(_) => Ok(value),
        _ => value.elements().and_then(<[Value]>::first).ok_or(Mismatch::needs("a block")),
    }
}

/// Writes a struct together with its attribute table.
///
/// Each field reads: documentation, name, Rust type, behaviour. `Option` for what may be absent, `Vec` and
/// [`Set`](crate::resource::model::Set) for several, another model for nested blocks: `Option<M>` at most one,
/// `M` exactly one, `Vec<M>` and `Set<M>` several. A field named like a Rust keyword is written `r#type`, or
/// `self_`.
///
/// The macro gives the struct (`Clone`, `Default`, `PartialEq`; `Debug` prints only the name, since a field may be
/// secret), a typed key per field (`Args::name`), and [`Model`](crate::resource::model::Model).
#[macro_export]
macro_rules! model {
    ($(#[doc = $about:literal])+ pub struct $name:ident {
        $( $(#[doc = $doc:literal])+ $field:ident : $type:ty = $spec:expr ),* $(,)?
    }) => {
        $(#[doc = $about])+
        #[derive(Clone, Default, PartialEq)]
        #[allow(clippy::struct_field_names, clippy::struct_excessive_bools)] // the names are Terraform's
        pub struct $name { $( $(#[doc = $doc])+ pub $field: $type, )* }

        #[allow(non_upper_case_globals, missing_docs, dead_code)]
        impl $name {
            $( pub const $field: $crate::resource::model::Key<$type> = $crate::resource::model::Key::new(stringify!($field)); )*
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        impl $crate::resource::model::Model for $name {
            fn schema() -> &'static $crate::resource::attr::Schema {
                #[allow(unused_imports)]
                use $crate::resource::attr::{Lit, computed, optional, optional_computed, required};
                static SCHEMA: std::sync::LazyLock<$crate::resource::attr::Schema> = std::sync::LazyLock::new(|| {
                    $crate::resource::attr::Schema::new(concat!($($about, "\n"),+), vec![$(
                        $crate::resource::attr::Attr::new(
                            stringify!($field),
                            concat!($($doc, "\n"),+),
                            <$type as $crate::resource::model::Field>::shape(),
                            $spec,
                        ),
                    )*])
                });
                &SCHEMA
            }
        }

        impl $crate::resource::model::Field for $name {
            type Inner = Self;

            fn shape() -> $crate::resource::attr::Shape {
                use $crate::resource::attr::{Nesting, Shape};
                Shape::Block(Nesting::One, <Self as $crate::resource::model::Model>::schema())
            }

            fn encode(&self) -> $crate::value::Value {
                let schema = <Self as $crate::resource::model::Model>::schema();
                $crate::value::Value::list(schema.ty.clone(), vec![self.encode_element()])
            }

            fn encode_element(&self) -> $crate::value::Value {
                let mut entries = $crate::value::Entries::new();
                $( entries.insert(
                    $crate::resource::model::Key::<()>::new(stringify!($field)).name.into(),
                    $crate::resource::model::Field::encode(&self.$field),
                ); )*
                $crate::value::Value::object(entries)
            }

            fn decode(value: &$crate::value::Value) -> Result<Self, $crate::resource::model::Mismatch> {
                Self::decode_element($crate::resource::model::only_element(value)?)
            }

            fn decode_element(value: &$crate::value::Value) -> Result<Self, $crate::resource::model::Mismatch> {
                Ok(Self { $( $field: $crate::resource::model::decode_named(value, stringify!($field))?, )* })
            }
        }
    };
}

#[cfg(test)]
#[allow(unreachable_pub)] // `model!` makes public items
mod tests {
    use super::*;

    crate::model! {
        /// A toy.
        pub struct Toy {
            /// Its name.
            name: String = required().force_new(),
            /// A keyword.
            r#type: Option<String> = optional().default(Lit::Str("plain")),
            /// At most one part.
            part: Option<Part> = optional(),
            /// Many parts.
            parts: Vec<Part> = optional(),
            /// Labels.
            labels: BTreeMap<String, String> = optional(),
            /// Limits.
            timeouts: Option<Timeouts> = optional(),
        }
    }

    crate::model! {
        /// A part.
        pub struct Part {
            /// Its size in metres.
            size: Option<i32> = optional().range(1, 5),
        }
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        let toy = Toy {
            name: "a".into(),
            r#type: Some("b".into()),
            part: Some(Part { size: Some(3) }),
            parts: vec![Part::default()],
            labels: [("k".to_owned(), "v".to_owned())].into(),
            timeouts: Some(Timeouts { delete: Some("5m".into()), ..Timeouts::default() }),
        };
        let value = toy.encode_element();
        assert_eq!(value.ty(), Toy::schema().ty);
        assert!(Toy::decode_element(&value).is_ok_and(|again| again == toy));
        assert!(Toy::decode_element(&Toy::schema().absent()).is_ok_and(|toy| toy == Toy::default()));
        assert_eq!(Toy::r#type.name, "type");
    }

    #[test]
    fn a_mismatch_names_the_path() {
        let half = Value::from(Number::from_f64(0.5));
        let part = Value::list(Part::schema().ty.clone(), vec![Value::object([("size".into(), half)].into())]);
        let toy = Value::object([("part".into(), part)].into());
        let text = Toy::decode_element(&toy).err().map(|mismatch| mismatch.to_string());
        assert_eq!(text.as_deref(), Some("a whole number (at most 2147483647) is needed at part.size"));
    }
}
