//! ECR.

crate::types![];

crate::sources![];
