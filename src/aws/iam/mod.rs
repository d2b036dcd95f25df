//! Identity and Access Management.

crate::types![
    role::Role,
];

crate::sources![];

mod shared;
