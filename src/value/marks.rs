//! What is marked about a value: sensitive, ephemeral, and the instances it comes from.

use crate::address::{Address, Addresses};

/// Marks travel through every operator and function. Origins make dependencies exact: after evaluation an
/// instance depends on the origins of its configuration.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    sensitive: bool,
    ephemeral: bool,
    origins: Option<Addresses>,
}

impl Marks {
    /// Only the sensitive mark.
    pub const SENSITIVE: Self = Self { sensitive: true, ephemeral: false, origins: None };
    /// Only the ephemeral mark.
    pub const EPHEMERAL: Self = Self { sensitive: false, ephemeral: true, origins: None };

    /// Marks that say: it comes from this instance.
    pub fn origin(address: Address) -> Self {
        Self { origins: Some(Addresses::one(address)), ..Self::default() }
    }

    /// Marks that say: it comes from these instances.
    pub fn origins_of(addresses: impl IntoIterator<Item = Address>) -> Self {
        let origins: Addresses = addresses.into_iter().collect();
        Self { origins: (!origins.is_empty()).then_some(origins), ..Self::default() }
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
    pub fn origins_but(&self, own: &Address) -> Addresses {
        self.origins.as_ref().map(|origins| origins.without(own)).unwrap_or_default()
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

    /// Only the origins.
    #[must_use]
    pub fn provenance(&self) -> Self {
        Self { origins: self.origins.clone(), ..Self::default() }
    }

    /// Everything that is marked in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let origins = match (&self.origins, &other.origins) {
            (None, origins) | (origins, None) => origins.clone(),
            (Some(a), Some(b)) => Some(a.union(b)),
        };
        Self { sensitive: self.sensitive || other.sensitive, ephemeral: self.ephemeral || other.ephemeral, origins }
    }
}

/// The marks of many values put together: the origins at once, since one by one would take the square of their number.
#[derive(Default)]
pub struct AllMarks {
    marks: Marks,
    origins: Vec<Addresses>,
}

impl AllMarks {
    /// Adds marks.
    pub fn add(&mut self, marks: &Marks) {
        self.marks.sensitive |= marks.sensitive;
        self.marks.ephemeral |= marks.ephemeral;
        if let Some(origins) = &marks.origins
            && self.origins.last().is_none_or(|last| !last.is_same(origins))
        {
            self.origins.push(origins.clone());
        }
    }

    /// Everything that was added.
    pub fn finish(self) -> Marks {
        let origins = (!self.origins.is_empty()).then(|| Addresses::union_of(self.origins));
        Marks { origins, ..self.marks }
    }
}

/// Origins say where a value comes from, not what it is: they do not take part in equality.
impl PartialEq for Marks {
    fn eq(&self, other: &Self) -> bool {
        (self.sensitive, self.ephemeral) == (other.sensitive, other.ephemeral)
    }
}
