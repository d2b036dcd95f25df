//! CodeDeploy.

crate::types![];

crate::sources![];
