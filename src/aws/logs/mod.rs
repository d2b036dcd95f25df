//! CloudWatch Logs.

crate::types![];

crate::sources![];
