//! Elastic Load Balancing.

crate::types![
    target_group::TargetGroup,
];

crate::sources![];

mod shared;
