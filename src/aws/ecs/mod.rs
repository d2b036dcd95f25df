//! ECS.

mod shared;

crate::types![
    cluster::Cluster,
    cluster_capacity_providers::ClusterCapacityProviders,
];

crate::sources![];
