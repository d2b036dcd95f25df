//! Reading many objects of a type: in batches, several at a time, halved when one of a batch does not exist.

use std::collections::VecDeque;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{AnyResource, Cloud, Error, Found, Wanted};

/// How many batches are asked for at a time. Who asks for many has as many steps under way already.
const AT_A_TIME: usize = 100;

/// Reads all of them; those that do not exist are left out of the answer.
///
/// # Errors
/// The first failed call that does not say "not there".
pub async fn read_all(resource: &dyn AnyResource, cloud: &Cloud, wanted: &[Wanted]) -> Result<Vec<Found>, Error> {
    let batches = wanted.chunks(resource.read_batch().max(1)).map(|batch| read_batch(resource, cloud, batch));
    let found: Vec<Vec<Found>> = stream::iter(batches).buffered(AT_A_TIME).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// A call that names several objects fails as a whole when one of them does not exist, in many services. The batch is
/// then halved and asked again, so that one missing object among `n` costs about `log n` calls.
async fn read_batch(resource: &dyn AnyResource, cloud: &Cloud, wanted: &[Wanted]) -> Result<Vec<Found>, Error> {
    let mut open: VecDeque<&[Wanted]> = VecDeque::from([wanted]);
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
