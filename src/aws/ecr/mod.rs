//! Elastic Container Registry.

pub mod images;
mod policy;

crate::types![lifecycle_policy::LifecyclePolicy, repository::Repository, repository_policy::RepositoryPolicy];

crate::sources![];
