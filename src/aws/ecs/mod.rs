//! ECS.

mod containers;
mod shared;

crate::types![
    cluster::Cluster,
    cluster_capacity_providers::ClusterCapacityProviders,
    task_definition::TaskDefinition,
];

crate::sources![];
