//! Route 53.

crate::types![];

crate::sources![];
