//! What policies of a repository have in common: there is at most one of a kind, and a call tells of one.

use crate::aws::answers;
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
    answers::read_each(ids, missing, |repository| {
        let told = ask(repository.clone());
        async {
            let (registry, policy) = told.await?;
            Ok(Live { repository, registry, policy: policy.unwrap_or_default() })
        }
    })
    .await
}
