//! What is marked about a value: sensitive, ephemeral, and the instances it comes from.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use crate::address::Address;

/// Marks travel through every operator and function. Origins make dependencies exact: after evaluation an
/// instance depends on the origins of its configuration.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    sensitive: bool,
    ephemeral: bool,
    origins: Option<Arc<BTreeSet<Address>>>,
}

impl Marks {
    /// Only the sensitive mark.
    pub const SENSITIVE: Self = Self { sensitive: true, ephemeral: false, origins: None };
    /// Only the ephemeral mark.
    pub const EPHEMERAL: Self = Self { sensitive: false, ephemeral: true, origins: None };

    /// Marks that say: it comes from this instance.
    pub fn origin(address: Address) -> Self {
        Self { origins: Some(Arc::new([address].into())), ..Self::default() }
    }

    /// Marks that say: it comes from these instances.
    pub fn origins_of(addresses: impl IntoIterator<Item = Address>) -> Self {
        let origins: BTreeSet<_> = addresses.into_iter().collect();
        Self { origins: (!origins.is_empty()).then(|| Arc::new(origins)), ..Self::default() }
    }

    /// Whether the value must not be shown.
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
    }

    /// Whether the value must not be stored.
    pub fn is_ephemeral(&self) -> bool {
        self.ephemeral
    }

    /// Instances the value comes from.
    pub fn origins(&self) -> impl Iterator<Item = &Address> {
        self.origins.iter().flat_map(|origins| origins.iter())
    }

    /// Instances the value comes from, other than `own`. Shared with the value where possible.
    pub fn origins_but(&self, own: &Address) -> Arc<BTreeSet<Address>> {
        static NONE: LazyLock<Arc<BTreeSet<Address>>> = LazyLock::new(Arc::default);
        let Some(origins) = &self.origins else { return NONE.clone() };
        if origins.contains(own) {
            return Arc::new(origins.iter().filter(|origin| *origin != own).cloned().collect());
        }
        origins.clone()
    }

    /// Whether it comes from instances.
    pub fn has_origins(&self) -> bool {
        self.origins.is_some()
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        !self.sensitive && !self.ephemeral && self.origins.is_none()
    }

    /// The same without the sensitive mark (`nonsensitive`).
    #[must_use]
    pub fn without_sensitive(&self) -> Self {
        Self { sensitive: false, ..self.clone() }
    }

    /// The same without the ephemeral mark (`ephemeralasnull`).
    #[must_use]
    pub fn without_ephemeral(&self) -> Self {
        Self { ephemeral: false, ..self.clone() }
    }

    /// Only what decides visibility, without the origins.
    #[must_use]
    pub fn visibility(&self) -> Self {
        Self { origins: None, ..self.clone() }
    }

    /// Everything that is marked in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let origins = match (&self.origins, &other.origins) {
            (None, origins) | (origins, None) => origins.clone(),
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) || b.is_subset(a) => Some(a.clone()),
            (Some(a), Some(b)) => Some(Arc::new(a.union(b).cloned().collect())),
        };
        Self { sensitive: self.sensitive || other.sensitive, ephemeral: self.ephemeral || other.ephemeral, origins }
    }
}

/// Origins say where a value comes from, not what it is: they do not take part in equality.
impl PartialEq for Marks {
    fn eq(&self, other: &Self) -> bool {
        (self.sensitive, self.ephemeral) == (other.sensitive, other.ephemeral)
    }
}
