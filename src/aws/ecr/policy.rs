//! What policies of a repository have in common: there is at most one of a kind, and a call tells of one.

use futures_util::future::join_all;

use crate::aws::contract::*;

/// A policy and the repository it belongs to.
pub struct Live {
    /// Name of the repository.
    pub repository: String,
    /// Account that holds the registry.
    pub registry: Option<String>,
    /// The policy, in JSON.
    pub policy: String,
}

/// Asks for the policies of several repositories at the same time. `ask` gives the registry and the policy of one; an error
/// with one of the codes in `missing` says that there is none.
pub(super) async fn read_each<Answer: Future<Output = Result<(Option<String>, Option<String>)>>>(
    ids: &[Id],
    missing: &[&str],
    ask: impl Fn(Id) -> Answer,
) -> Result<Vec<(Id, Live)>> {
    let told = join_all(ids.iter().cloned().map(ask)).await;
    let mut found = Vec::new();
    for (id, told) in ids.iter().zip(told) {
        match told {
            Ok((registry, policy)) => {
                let live = Live { repository: id.clone(), registry, policy: policy.unwrap_or_default() };
                found.push((id.clone(), live));
            }
            Err(error) if error.is(missing) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}
