//! Elastic Load Balancing.

crate::types![
    listener::Listener,
    listener_rule::ListenerRule,
    load_balancer::LoadBalancer,
    target_group::TargetGroup,
    target_group_attachment::TargetGroupAttachment,
];

crate::sources![];

mod actions;
mod conditions;
mod shared;
