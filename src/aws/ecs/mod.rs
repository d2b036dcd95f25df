//! ECS.

mod containers;
mod shared;

crate::types![
    cluster::Cluster,
    cluster_capacity_providers::ClusterCapacityProviders,
    service::Service,
    task_definition::TaskDefinition,
];

crate::sources![];
