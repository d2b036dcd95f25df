//! Identity and Access Management.

crate::types![
    role::Role,
    role_policy::RolePolicy,
];

crate::sources![];

mod shared;
