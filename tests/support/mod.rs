//! What tests stand on.

pub mod cases;
