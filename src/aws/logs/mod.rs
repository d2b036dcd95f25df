//! CloudWatch Logs.

crate::types![log_group::LogGroup];

crate::sources![];
