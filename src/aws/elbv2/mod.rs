//! Elastic Load Balancing.

crate::types![
    listener::Listener,
    load_balancer::LoadBalancer,
    target_group::TargetGroup,
];

crate::sources![];

mod actions;
mod shared;
