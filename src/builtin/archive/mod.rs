//! `archive_file`, resource and data source: a zip or tar.gz file of other files.
//!
//! The bytes are those of hashicorp/archive 2.7: same order, same dates, same compressor ([`crate::deflate`]), so that
//! hashes which Terraform put into state stay as they are.
//!
//! <https://registry.terraform.io/providers/hashicorp/archive/latest/docs>

pub mod args;
mod entries;
pub mod file;
mod glob;
pub mod lookup;
mod make;
mod tar;
mod zip;

use std::sync::Arc;

use super::{disk, source};
use crate::resource::{AnyResource, AnySource};

/// The resource types.
pub(super) fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![disk::Erased::<file::ArchiveFile>::boxed()]
}

/// The data sources.
pub(super) fn sources() -> Vec<Arc<dyn AnySource>> {
    vec![source::Erased::<lookup::ArchiveFile>::boxed()]
}
