//! glaz provisions and runs the AWS stack behind an ECS blue/green service.

pub mod address;
pub mod diagnostic;
pub mod clock;
pub mod lang;
pub mod value;
