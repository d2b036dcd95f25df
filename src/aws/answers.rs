//! What the calls of all services have in common: requests that are put together, and answers that say that there is nothing.

use futures_util::future::join_all;

use super::contract::*;

/// What a builder of the SDK gives. It fails only when a required member is missing, which the table of the type rules out.
///
/// # Errors
/// A required member is missing.
pub fn built<T, E: std::fmt::Display>(built: Result<T, E>) -> Result<T> {
    built.map_err(|error| Error::local("prepare the call", format!("{error}.")))
}

/// The answer, or nothing where an error has one of these codes.
///
/// # Errors
/// Any other error.
pub fn unless<T>(answer: Result<T>, codes: &[&str]) -> Result<Option<T>> {
    match answer {
        Err(error) if error.is(codes) => Ok(None),
        other => other.map(Some),
    }
}

/// What was found for each id, all asked for at the same time; an error with one of the codes in `missing` says that there
/// is nothing.
///
/// # Errors
/// The first other error, in the order of the ids.
pub async fn read_each<Live, Answer: Future<Output = Result<Live>>>(
    ids: &[Id],
    missing: &[&str],
    ask: impl Fn(Id) -> Answer,
) -> Result<Vec<(Id, Live)>> {
    let told = join_all(ids.iter().cloned().map(ask)).await;
    let found = |(id, told): (&Id, Result<Live>)| unless(told, missing).transpose().map(|live| Ok((id.clone(), live?)));
    ids.iter().zip(told).filter_map(found).collect()
}
