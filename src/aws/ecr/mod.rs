//! Elastic Container Registry.

mod policy;

crate::types![lifecycle_policy::LifecyclePolicy, repository::Repository, repository_policy::RepositoryPolicy];

crate::sources![];
