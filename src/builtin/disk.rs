//! The contract of a type whose objects are files on this machine, and its adapter to the engine.

use std::marker::PhantomData;
use std::sync::Arc;

use super::local::no_import;
use super::source::blocking;
use crate::resource::attr::{Pace, Schema, secs};
use crate::resource::model::{Field as _, Model};
use crate::resource::{AnyResource, Cloud, Draft, Error, Found, Id, Identity, Pending, Problems, Settled, Wanted};
use crate::value::Value;

/// A type whose objects are files on this machine. The operations may block.
pub trait OnDisk: Send + Sync + 'static {
    /// Attributes, written with `model!`; `id` among them.
    type Model: Model;
    /// Terraform's name.
    const TYPE: &'static str;
    /// Version of the attributes in state, as hashicorp's provider counts them.
    const SCHEMA_VERSION: u64 = 0;

    /// Finds mistakes in the plan. No io.
    fn check(_want: &Draft, _found: &mut Problems) {}
    /// Adjusts what is planned. Twice is the same as once.
    fn revise(_want: &mut Draft) {}
    /// Makes the files; the id.
    ///
    /// # Errors
    /// They cannot be made.
    fn create(want: &Self::Model) -> Result<Id, Error>;
    /// The files that [`create`](Self::create) would overwrite, as an object that [`update`](Self::update) can bring back.
    ///
    /// # Errors
    /// They cannot be looked at.
    fn overwritten(_want: &Self::Model) -> Result<Option<Self::Model>, Error> {
        Ok(None)
    }
    /// The object as it is, or nothing when it is gone or is not what was made any more.
    ///
    /// # Errors
    /// It cannot be looked at.
    fn read(id: &str, prior: Self::Model) -> Result<Option<Self::Model>, Error>;
    /// Changes the files.
    ///
    /// # Errors
    /// They cannot be changed.
    fn update(_want: &Self::Model) -> Result<(), Error> {
        Ok(())
    }
    /// Removes the files; those that are gone already are removed.
    ///
    /// # Errors
    /// They cannot be removed.
    fn delete(id: &str, have: &Self::Model) -> Result<(), Error>;
    /// The id of the object that `want` made, asked after a run that died before it noted the id.
    ///
    /// # Errors
    /// It cannot be looked at.
    fn recover(want: &Self::Model) -> Result<Option<Id>, Error>;
}

/// Shows an [`OnDisk`] type to the engine.
pub(super) struct Erased<T>(PhantomData<fn() -> T>);

impl<T: OnDisk> Erased<T> {
    /// The type for a list of types.
    pub(super) fn boxed() -> Arc<dyn AnyResource> {
        Arc::new(Self(PhantomData))
    }
}

impl<T: OnDisk> AnyResource for Erased<T> {
    fn type_name(&self) -> &'static str {
        T::TYPE
    }

    fn schema(&self) -> &'static Schema {
        T::Model::schema()
    }

    fn schema_version(&self) -> u64 {
        T::SCHEMA_VERSION
    }

    fn identity(&self) -> Identity {
        Identity::Assigned { recover_by: &[] }
    }

    fn pace(&self) -> Pace {
        secs(0, 0, 0)
    }

    fn check(&self, draft: &Draft, found: &mut Problems) {
        T::check(draft, found);
    }

    fn revise(&self, _cloud: Option<&Cloud>, draft: &mut Draft) {
        T::revise(draft);
    }

    fn id(&self, attributes: &Value) -> Result<Id, Error> {
        Ok(attributes.get("id").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    fn read<'a>(&'a self, _cloud: &'a Cloud, wanted: &'a [Wanted]) -> Pending<'a, Vec<Found>> {
        Box::pin(async move {
            let mut found = Vec::with_capacity(wanted.len());
            for one in wanted {
                let (id, prior) = (one.id.clone(), T::Model::decode_element(&one.prior)?);
                if let Some(model) = blocking(move || T::read(&id, prior)).await? {
                    let attributes = model.encode_element();
                    found.push(Found { id: one.id.clone(), attributes, settled: Settled::Yes });
                }
            }
            Ok(found)
        })
    }

    fn create<'a>(&'a self, _cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Id> {
        Box::pin(async move {
            let want = T::Model::decode_element(want)?;
            blocking(move || T::create(&want)).await
        })
    }

    fn overwritten<'a>(&'a self, _cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Found>> {
        Box::pin(async move {
            let want = T::Model::decode_element(want)?;
            let Some(model) = blocking(move || T::overwritten(&want)).await? else { return Ok(None) };
            let attributes = model.encode_element();
            Ok(Some(Found { id: self.id(&attributes)?, attributes, settled: Settled::Yes }))
        })
    }

    fn finish<'a>(&'a self, _cloud: &'a Cloud, _id: &'a Id, _want: &'a Value) -> Pending<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn update<'a>(&'a self, _cloud: &'a Cloud, _id: &'a Id, _have: &'a Value, want: &'a Value) -> Pending<'a, ()> {
        Box::pin(async move {
            let want = T::Model::decode_element(want)?;
            blocking(move || T::update(&want)).await
        })
    }

    fn delete<'a>(&'a self, _cloud: &'a Cloud, id: &'a Id, have: &'a Value) -> Pending<'a, ()> {
        Box::pin(async move {
            let (id, have) = (id.clone(), T::Model::decode_element(have)?);
            blocking(move || T::delete(&id, &have)).await
        })
    }

    fn recover<'a>(&'a self, _cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Option<Id>> {
        Box::pin(async move {
            let want = T::Model::decode_element(want)?;
            blocking(move || T::recover(&want)).await
        })
    }

    fn import<'a>(&'a self, _cloud: &'a Cloud, _text: &'a str) -> Pending<'a, Wanted> {
        Box::pin(std::future::ready(Err(no_import(T::TYPE))))
    }
}
