//! ECS.

crate::types![];

crate::sources![];
