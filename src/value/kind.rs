//! Types of values.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The type of a value or of an argument.
#[derive(Clone, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Type {
    /// Any type at all (`any`), decided by the value.
    Any,
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `list(T)`.
    List(Arc<Self>),
    /// `set(T)`.
    Set(Arc<Self>),
    /// `map(T)`.
    Map(Arc<Self>),
    /// `tuple([...])`.
    Tuple(Arc<[Self]>),
    /// `object({...})`.
    Object(Arc<BTreeMap<Arc<str>, Field>>),
}

/// An attribute of an object type.
#[derive(Clone, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub struct Field {
    /// Its type.
    pub ty: Type,
    /// Whether it may be left out (`optional(...)`).
    pub optional: bool,
}

impl Type {
    /// `list(T)`.
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// `set(T)`.
    pub fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    /// `map(T)`.
    pub fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
    }

    /// An object type without optional attributes.
    pub fn object(fields: impl IntoIterator<Item = (Arc<str>, Self)>) -> Self {
        Self::Object(Arc::new(fields.into_iter().map(|(name, ty)| (name, Field { ty, optional: false })).collect()))
    }

    /// Whether `any` stands nowhere in it.
    pub fn is_concrete(&self) -> bool {
        match self {
            Self::Any => false,
            Self::Bool | Self::Number | Self::String => true,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.is_concrete(),
            Self::Tuple(elements) => elements.iter().all(Self::is_concrete),
            Self::Object(fields) => fields.values().all(|field| field.ty.is_concrete()),
        }
    }
}

/// Terraform's spelling of a type constraint.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Tuple(elements) => {
                let parts: Vec<_> = elements.iter().map(ToString::to_string).collect();
                write!(f, "tuple([{}])", parts.join(", "))
            }
            Self::Object(fields) => {
                let part = |(name, field): (&Arc<str>, &Field)| {
                    if field.optional {
                        format!("{name} = optional({})", field.ty)
                    } else {
                        format!("{name} = {}", field.ty)
                    }
                };
                write!(f, "object({{{}}})", fields.iter().map(part).collect::<Vec<_>>().join(", "))
            }
        }
    }
}
