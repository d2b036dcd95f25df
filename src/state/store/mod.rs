//! Where states are kept: [`local`] in a file; a bucket is to follow with the same functions
//! (`lock`, `read`, `write`, `unlock`).

pub mod atomic;
pub mod local;
#[cfg(test)]
mod tests;

pub use local::LocalStore;
