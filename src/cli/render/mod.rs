//! Everything a person or a program sees.

pub mod diagnostic;
