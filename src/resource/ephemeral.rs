//! An ephemeral resource as the engine sees it: opened when something needs it, in a plan and again in an apply, and
//! closed at the end. What it gives is never stored.

use std::fmt;

use super::{Cloud, Draft, Pending, Problems, Schema};
use crate::value::Value;

/// An ephemeral resource type.
pub trait AnyEphemeral: Send + Sync {
    /// Terraform's name, such as `random_password`.
    fn type_name(&self) -> &'static str;
    /// Its attribute table.
    fn schema(&self) -> &'static Schema;
    /// Finds mistakes, in the plan. No io.
    fn check(&self, draft: &Draft, found: &mut Problems);
    /// Opens one: arguments in, all attributes out.
    fn open<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Opened>;
    /// Gives back what was opened. Those that hold nothing outside have nothing to give back.
    fn close<'a>(&'a self, cloud: &'a Cloud, opened: &'a Opened) -> Pending<'a, ()> {
        let _ = (cloud, opened);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// An ephemeral resource that is open.
#[derive(Clone)]
pub struct Opened {
    /// All attributes.
    pub attributes: Value,
    /// What closing it takes, such as the id of a lease; only the type that opened it looks inside.
    pub lease: Option<String>,
}

impl Opened {
    /// One that needs no closing.
    pub fn new(attributes: Value) -> Self {
        Self { attributes, lease: None }
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Everything in it may be a secret.
        f.write_str("Opened(..)")
    }
}
