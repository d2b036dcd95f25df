//! Terraform state files, format version 4.
//!
//! Reading follows Terraform 1.11: a newer `terraform_version` is fine, a newer format is not, no bytes at all are
//! no state. Outputs of format 3 are read too. Writing gives the bytes that Terraform would: its order of members, resources and instances, its
//! indentation and escapes.

mod old;
mod provider;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{is_cut_off, is_damaged, is_json, read, read_instance, read_outputs};
pub use write::{head, write, write_as, write_instance, write_outputs};
