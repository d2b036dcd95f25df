//! Objects that are part of another and bear its name: a role's policies. When that is made anew they go with it, or keep it
//! from being deleted, although nothing that they say changes. No io.

use super::change::{Action, Change};
use crate::address::Address;
use crate::lang::Desired;
use crate::value::Value;

/// What the types are part of, the attribute that says of which, and the attribute of that which it says.
const PARTS: &[(&[&str], &str, &str, &str)] = &[
    (&["aws_iam_role_policy", "aws_iam_role_policy_attachment"], "role", "aws_iam_role", "name"),
    (&["aws_ecr_lifecycle_policy", "aws_ecr_repository_policy"], "repository", "aws_ecr_repository", "name"),
    (&["aws_ecs_cluster_capacity_providers"], "cluster_name", "aws_ecs_cluster", "name"),
    (
        &[
            "aws_s3_bucket_lifecycle_configuration",
            "aws_s3_bucket_ownership_controls",
            "aws_s3_bucket_policy",
            "aws_s3_bucket_public_access_block",
            "aws_s3_bucket_server_side_encryption_configuration",
            "aws_s3_bucket_versioning",
        ],
        "bucket",
        "aws_s3_bucket",
        "bucket",
    ),
];

/// Whether the object is part of one that is planned to be made anew under the same name.
pub(super) fn goes_with<'a>(want: &Desired, planned: impl Fn(&Address) -> Option<&'a Change>) -> bool {
    let part = PARTS.iter().find(|(types, ..)| types.contains(&want.address.type_name()));
    let Some((_, says, whole, name)) = part else { return false };
    let Some(said) = want.config.get(says).filter(|said| said.as_str().is_some()) else { return false };
    let marks = said.marks_deep();
    let mut origins = marks.origins().filter(|origin| origin.is_managed() && origin.type_name() == *whole);
    origins.any(|origin| {
        planned(origin).is_some_and(|change| {
            let before = change.before.get(name).and_then(Value::as_str);
            matches!(change.action, Action::Replace { .. }) && before == said.as_str()
        })
    })
}
