//! Reading many objects of a type: in batches, halved when one of a batch does not exist.

use std::collections::VecDeque;

use super::{AnyResource, Cloud, Error, Found, Wanted};

/// Reads all of them; those that do not exist are left out of the answer.
///
/// A call that names several objects fails as a whole when one of them does not exist, in many services. The batch is
/// then halved and asked again, so that one missing object among `n` costs about `log n` calls.
///
/// # Errors
/// The first failed call that does not say "not there".
pub async fn read_all(resource: &dyn AnyResource, cloud: &Cloud, wanted: &[Wanted]) -> Result<Vec<Found>, Error> {
    let mut open: VecDeque<&[Wanted]> = wanted.chunks(resource.read_batch().max(1)).collect();
    let mut found = Vec::with_capacity(wanted.len());
    while let Some(batch) = open.pop_front() {
        match resource.read(cloud, batch).await {
            Ok(some) => found.extend(some),
            Err(error) if error.is(resource.missing()) => {
                if batch.len() > 1 {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    open.push_front(second);
                    open.push_front(first);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}
