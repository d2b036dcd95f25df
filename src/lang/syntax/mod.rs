//! Text of stack files -> tokens -> tree.

pub mod format;
pub mod parse;
pub mod token;
pub mod tree;

pub use parse::{parse, parse_expression, parse_template, parse_traversal};
