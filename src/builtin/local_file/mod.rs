//! `local_file` and `local_sensitive_file`, resources and data sources: files on this machine.
//!
//! <https://registry.terraform.io/providers/hashicorp/local/latest/docs>

mod disk;
pub mod file;
pub mod lookup;
pub mod sensitive_file;

use std::sync::Arc;

use super::{disk::Erased, source};
use crate::resource::{AnyResource, AnySource};

/// The resource types.
pub(super) fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![Erased::<file::LocalFile>::boxed(), Erased::<sensitive_file::LocalSensitiveFile>::boxed()]
}

/// The data sources.
pub(super) fn sources() -> Vec<Arc<dyn AnySource>> {
    vec![source::Erased::<lookup::LocalFile>::boxed(), source::Erased::<lookup::LocalSensitiveFile>::boxed()]
}
