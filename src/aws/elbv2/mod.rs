//! Elastic Load Balancing.

crate::types![
    load_balancer::LoadBalancer,
    target_group::TargetGroup,
];

crate::sources![];

mod shared;
