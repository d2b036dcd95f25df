//! The contract of a data source that needs no cloud, and its adapter to the engine.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::resource::model::{Field as _, Model};
use crate::resource::{AnySource, Cloud, Draft, Error, Pending, Problems, Schema, Surroundings};
use crate::value::Value;

/// A data source that needs no cloud.
pub trait Source: Send + Sync + 'static {
    /// Arguments and results, written with `model!`.
    type Model: Model;
    /// Terraform's name.
    const TYPE: &'static str;

    /// Finds mistakes in the plan. No io.
    fn check(_want: &Draft, _found: &mut Problems) {}
    /// Fills in the results.
    ///
    /// # Errors
    /// It cannot be read.
    fn read(around: &Surroundings, want: Self::Model) -> impl Future<Output = Result<Self::Model, Error>> + Send;
}

/// Shows a [`Source`] to the engine.
pub(super) struct Erased<T>(PhantomData<fn() -> T>);

impl<T: Source> Erased<T> {
    /// The data source for a list of data sources.
    pub(super) fn boxed() -> Arc<dyn AnySource> {
        Arc::new(Self(PhantomData))
    }
}

impl<T: Source> AnySource for Erased<T> {
    fn type_name(&self) -> &'static str {
        T::TYPE
    }

    fn schema(&self) -> &'static Schema {
        T::Model::schema()
    }

    fn check(&self, draft: &Draft, found: &mut Problems) {
        T::check(draft, found);
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, want: &'a Value) -> Pending<'a, Value> {
        Box::pin(async move {
            let want = T::Model::decode_element(want)?;
            Ok(T::read(cloud.get()?, want).await?.encode_element())
        })
    }
}

/// Runs what blocks (files, programs, HTTP) beside the other steps.
///
/// # Errors
/// Its own, and a panic inside it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let failed = |error| Error::local("run", format!("The work stopped half-way: {error}."));
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

/// As text; every byte that is not UTF-8 becomes one U+FFFD, as in Go.
pub(super) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_that_is_no_text_becomes_one_mark() {
        assert_eq!(lossy(b"a\xe2\x82z\xff"), "a\u{fffd}\u{fffd}z\u{fffd}");
    }
}
