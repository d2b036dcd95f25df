//! IAM.

crate::types![];

crate::sources![];
