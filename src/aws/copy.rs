//! Copying fields by name between models and SDK types: [`send!`](crate::send) into a request,
//! [`take!`](crate::take) out of an answer.
//!
//! SDK enums are `From<&str>` and `AsRef<str>`, so one implementation covers all of them, and the compiler suggests
//! the right setter on a slip.

use std::collections::BTreeMap;

use crate::resource::model::Set;

/// Into what a request builder's `set_…` takes.
pub trait ToAws<S> {
    /// The value to send; `None` is not sent.
    fn to_aws(&self) -> S;
}

/// Out of what an answer holds.
pub trait FromAws<S> {
    /// The attribute.
    fn from_aws(from: &S) -> Self;
}

impl<E: for<'a> From<&'a str>> ToAws<Option<E>> for String {
    fn to_aws(&self) -> Option<E> {
        Some(self.as_str().into())
    }
}

/// Empty text is "not set", as in hashicorp/aws.
impl<E: for<'a> From<&'a str>> ToAws<Option<E>> for Option<String> {
    fn to_aws(&self) -> Option<E> {
        self.as_deref().filter(|text| !text.is_empty()).map(E::from)
    }
}

impl<E: for<'a> From<&'a str>> ToAws<Option<Vec<E>>> for Vec<String> {
    fn to_aws(&self) -> Option<Vec<E>> {
        (!self.is_empty()).then(|| self.iter().map(|text| text.as_str().into()).collect())
    }
}

impl<E: for<'a> From<&'a str>> ToAws<Option<Vec<E>>> for Set<String> {
    fn to_aws(&self) -> Option<Vec<E>> {
        self.0.to_aws()
    }
}

/// A list that the stack file gives is sent even when it is empty: that clears it.
impl<E: for<'a> From<&'a str>> ToAws<Option<Vec<E>>> for Option<Vec<String>> {
    fn to_aws(&self) -> Option<Vec<E>> {
        self.as_ref().map(|all| all.iter().map(|text| text.as_str().into()).collect())
    }
}

/// A set that the stack file gives is sent even when it is empty: that clears it.
impl<E: for<'a> From<&'a str>> ToAws<Option<Vec<E>>> for Option<Set<String>> {
    fn to_aws(&self) -> Option<Vec<E>> {
        self.as_ref().map(|all| all.iter().map(|text| text.as_str().into()).collect())
    }
}

impl<E: for<'a> From<&'a str>> ToAws<Option<std::collections::HashMap<String, E>>> for BTreeMap<String, String> {
    fn to_aws(&self) -> Option<std::collections::HashMap<String, E>> {
        (!self.is_empty()).then(|| self.iter().map(|(key, text)| (key.clone(), text.as_str().into())).collect())
    }
}

impl<E: AsRef<str>> FromAws<Option<E>> for Option<String> {
    fn from_aws(from: &Option<E>) -> Self {
        from.as_ref().map(|text| text.as_ref().to_owned())
    }
}

impl<E: AsRef<str>> FromAws<Option<E>> for String {
    fn from_aws(from: &Option<E>) -> Self {
        from.as_ref().map(|text| text.as_ref().to_owned()).unwrap_or_default()
    }
}

impl<E: AsRef<str>> FromAws<Option<Vec<E>>> for Vec<String> {
    fn from_aws(from: &Option<Vec<E>>) -> Self {
        from.iter().flatten().map(|text| text.as_ref().to_owned()).collect()
    }
}

impl<E: AsRef<str>> FromAws<Option<Vec<E>>> for Set<String> {
    fn from_aws(from: &Option<Vec<E>>) -> Self {
        Self(Vec::from_aws(from))
    }
}

/// Several absent is null, as for an attribute that may be left out.
impl<E: AsRef<str>> FromAws<Option<Vec<E>>> for Option<Set<String>> {
    fn from_aws(from: &Option<Vec<E>>) -> Self {
        from.as_ref().filter(|all| !all.is_empty()).map(|_| Set::from_aws(from))
    }
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl ToAws<Option<$type>> for $type {
            fn to_aws(&self) -> Option<$type> { Some(*self) }
        }
        impl ToAws<Option<$type>> for Option<$type> {
            fn to_aws(&self) -> Option<$type> { *self }
        }
        impl FromAws<Option<$type>> for Option<$type> {
            fn from_aws(from: &Option<$type>) -> Self { *from }
        }
        impl FromAws<Option<$type>> for $type {
            fn from_aws(from: &Option<$type>) -> Self { from.unwrap_or_default() }
        }
        impl FromAws<$type> for $type {
            fn from_aws(from: &$type) -> Self { *from }
        }
        impl FromAws<$type> for Option<$type> {
            fn from_aws(from: &$type) -> Self { Some(*from) }
        }
    )*};
}

plain!(bool, i32, i64, f64);

/// Puts fields of a model into a request: `send!(call, want => set_name = name, set_port = port)`.
#[macro_export]
macro_rules! send {
    ($call:expr, $want:expr => $($setter:ident = $field:ident),* $(,)?) => {
        $call$( .$setter($crate::aws::copy::ToAws::to_aws(&$want.$field)) )*
    };
}

/// Makes a model from an answer: fields of the same name first, then the others with their expression; what is not
/// named is left out. `take!(Args from live => port, vpc_id; name: String::from_aws(&live.group_name))`.
#[macro_export]
macro_rules! take {
    ($model:ident from $live:expr => $($field:ident),* $(,)? $(; $($other:ident : $value:expr),* $(,)?)?) => {{
        #[allow(clippy::needless_update)] // an attribute may stand before `let`, not before an expression
        let taken = $model {
            $( $field: $crate::aws::copy::FromAws::from_aws(&$live.$field), )*
            $($( $other: $value, )*)?
            ..Default::default()
        };
        taken
    }};
}
