//! `time_*`: moments kept in state, and waiting.
//!
//! <https://registry.terraform.io/providers/hashicorp/time/latest/docs>

pub(super) mod moment;
pub mod offset;
pub mod rotating;
pub mod sleep;
pub mod still;

use std::sync::Arc;

use super::local::Erased;
use crate::resource::AnyResource;

/// The types.
pub(super) fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![
        Erased::<offset::TimeOffset>::boxed(),
        Erased::<rotating::TimeRotating>::boxed(),
        Erased::<sleep::TimeSleep>::boxed(),
        Erased::<still::TimeStatic>::boxed(),
    ]
}
