//! `random_*`: values drawn once and kept in state.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs>

pub mod bytes;
mod draw;
pub mod ephemeral_password;
pub mod id;
pub mod integer;
pub mod pet;
pub mod shuffle;
pub mod text;
pub mod uuid;

use std::sync::Arc;

use super::ephemeral;
use super::local::Erased;
use crate::resource::{AnyEphemeral, AnyResource};

/// The ephemeral types.
pub(super) fn ephemerals() -> Vec<Arc<dyn AnyEphemeral>> {
    vec![ephemeral::Erased::<ephemeral_password::RandomPassword>::boxed()]
}

/// The types.
pub(super) fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![
        Erased::<bytes::RandomBytes>::boxed(),
        Erased::<id::RandomId>::boxed(),
        Erased::<integer::RandomInteger>::boxed(),
        Erased::<pet::RandomPet>::boxed(),
        Erased::<text::RandomPassword>::boxed(),
        Erased::<shuffle::RandomShuffle>::boxed(),
        Erased::<text::RandomString>::boxed(),
        Erased::<uuid::RandomUuid>::boxed(),
    ]
}
