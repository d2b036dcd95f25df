//! CodeDeploy.

mod shared;

crate::types![app::App, deployment_config::DeploymentConfig, deployment_group::DeploymentGroup];

crate::sources![];
