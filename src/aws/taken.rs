//! Refusals that say: such an object exists already.

use crate::resource::Error;

/// Codes, across services.
const CODES: &[&str] = &[
    "ApplicationAlreadyExistsException",
    "BucketAlreadyOwnedByYou",
    "ClusterAlreadyExists",
    "DeploymentConfigAlreadyExistsException",
    "DeploymentGroupAlreadyExistsException",
    "DuplicateListener",
    "DuplicateLoadBalancerName",
    "DuplicateTargetGroupName",
    "EntityAlreadyExists",
    "InvalidGroup.Duplicate",
    "InvalidPermission.Duplicate",
    "InvalidSubnet.Conflict",
    "PriorityInUse",
    "RepositoryAlreadyExistsException",
    "Resource.AlreadyAssociated",
    "ResourceAlreadyExistsException",
    "RouteAlreadyExists",
];

/// Codes that say many things, with the words that say this.
const WORDS: &[(&str, &str)] =
    &[("InvalidChangeBatch", "but it already exists"), ("InvalidParameterException", "not idempotent")];

/// Whether the call was refused because such an object exists.
pub(super) fn is_taken(error: &Error) -> bool {
    error.is(CODES) || WORDS.iter().any(|(code, words)| error.is(&[*code]) && error.message.contains(words))
}
