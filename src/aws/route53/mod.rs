//! Route 53.

mod shared;

crate::types![health_check::HealthCheck, record::Record, zone::Zone];

crate::sources![];
