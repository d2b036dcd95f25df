//! The contract of an ephemeral resource that needs no cloud, and its adapter to the engine.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::clock::Clock;
use crate::resource::model::{Field as _, Model};
use crate::resource::{AnyEphemeral, Cloud, Draft, Error, Opened, Pending, Problems, Schema, Surroundings};
use crate::value::Value;

/// An ephemeral resource that is made here and held nowhere.
pub trait Ephemeral: Send + Sync + 'static {
    /// Arguments and results, written with `model!`.
    type Model: Model;
    /// Terraform's name.
    const TYPE: &'static str;

    /// Finds mistakes in the plan. No io.
    fn check(_want: &Draft, _found: &mut Problems) {}
    /// Fills in the results.
    ///
    /// # Errors
    /// It cannot be made.
    fn open(want: &mut Self::Model, clock: &Clock) -> Result<(), Error>;
}

/// Shows an [`Ephemeral`] to the engine.
pub(super) struct Erased<T>(PhantomData<fn() -> T>);

impl<T: Ephemeral> Erased<T> {
    /// The ephemeral resource for a list of ephemeral resources.
    pub(super) fn boxed() -> Arc<dyn AnyEphemeral> {
        Arc::new(Self(PhantomData))
    }
}

impl<T: Ephemeral> AnyEphemeral for Erased<T> {
    fn type_name(&self) -> &'static str {
        T::TYPE
    }

    fn schema(&self) -> &'static Schema {
        T::Model::schema()
    }

    fn check(&self, draft: &Draft, found: &mut Problems) {
        T::check(draft, found);
    }

    fn open<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Opened> {
        let opened = || {
            let mut model = T::Model::decode_element(want)?;
            T::open(&mut model, &cloud.get::<Surroundings>()?.clock)?;
            Ok(Opened::new(model.encode_element()))
        };
        Box::pin(std::future::ready(opened()))
    }
}
