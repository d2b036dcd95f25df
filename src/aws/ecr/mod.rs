//! Elastic Container Registry.

crate::types![lifecycle_policy::LifecyclePolicy, repository::Repository, repository_policy::RepositoryPolicy];

crate::sources![];
