//! glaz provisions and runs the AWS stack behind an ECS blue/green service.

pub mod address;
pub mod apply;
#[cfg(feature = "aws")]
pub mod aws;
pub mod builtin;
pub mod cli;
pub mod clock;
pub mod diagnostic;
pub mod lang;
pub mod plan;
pub mod resource;
pub mod state;
pub mod value;
