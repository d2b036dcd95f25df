//! Text of stack files -> tokens -> tree.
