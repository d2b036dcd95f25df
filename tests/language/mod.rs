//! The language: expressions with Terraform's recorded answers.

mod expressions;
mod toy;
