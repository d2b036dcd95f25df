//! Terraform state files, format version 4.
