//! Blocks of a module's files -> [`ModuleBody`].

mod body;
mod check;
mod data;
mod endpoint;
mod import;
mod merge;
mod module;
mod named;
mod provisioner;
mod reader;
mod required_providers;
mod settings;

pub(super) use body::{FileRole, read_files};
pub(super) use data::{META_ARGUMENTS, meta_blocks, path_step};
pub(super) use module::MODULE_ARGUMENTS;
pub(super) use reader::{missing_argument, unsupported_argument, unsupported_block};
pub(super) use settings::full_source;
