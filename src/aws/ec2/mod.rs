//! EC2.

crate::types![];

crate::sources![];
