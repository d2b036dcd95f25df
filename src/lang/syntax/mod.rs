//! Text of stack files -> tokens -> tree.

pub mod tree;
