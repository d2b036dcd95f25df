//! `random_*`: values drawn once and kept in state.
//!
//! <https://registry.terraform.io/providers/hashicorp/random/latest/docs>

mod draw;
pub mod id;
pub mod integer;
pub mod pet;
pub mod text;

use std::sync::Arc;

use super::local::Erased;
use crate::resource::AnyResource;

/// The types.
pub(super) fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![
        Erased::<id::RandomId>::boxed(),
        Erased::<integer::RandomInteger>::boxed(),
        Erased::<pet::RandomPet>::boxed(),
        Erased::<text::RandomPassword>::boxed(),
        Erased::<text::RandomString>::boxed(),
    ]
}
