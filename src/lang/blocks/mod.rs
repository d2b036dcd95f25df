//! Blocks of a module's files -> [`ModuleBody`].

mod body;
mod check;
mod data;
mod module;
mod merge;
mod named;
mod settings;
mod reader;

pub(super) use body::{FileRole, read_files};
pub(super) use reader::{Content, Wanted, bool_argument, content, text_argument};
