//! Stack files -> desired resources.

pub mod syntax;
