//! The AWS types: a folder per service, a file per type. Everything here that grows is one file and one line.

#[cfg(feature = "s3")]
pub mod backend;
#[cfg(feature = "s3")]
pub mod bucket;
pub mod contract;
pub mod copy;
pub mod names;
pub mod tags;

mod client;
mod connect;
mod erased;
mod error;
mod keep;
#[cfg(all(feature = "kms", feature = "s3"))]
pub mod keys;
mod mark;
mod policy;
pub mod provider;
#[cfg(all(feature = "codedeploy", feature = "ecs", feature = "elbv2", feature = "autoscaling"))]
pub mod rollouts;
mod rules;
mod taken;

use std::sync::Arc;

pub use client::Aws;

use crate::resource::Provider;

/// Lists the services: feature, folder.
macro_rules! services {
    ($($feature:literal $service:ident;)*) => {
        $( #[cfg(feature = $feature)] pub mod $service; )*

        /// The AWS provider with every service that was compiled in.
        pub fn provider() -> Arc<dyn Provider> {
            let (mut resources, mut sources) = (Vec::new(), Vec::new());
            sources.extend(account::sources());
            $( #[cfg(feature = $feature)] { resources.extend($service::resources()); sources.extend($service::sources()); } )*
            Arc::new(provider::AwsProvider { resources, sources })
        }
    };
}

pub mod account;

services! {
    "codedeploy" codedeploy;
    "ec2" ec2;
    "ecr" ecr;
    "ecs" ecs;
    "elbv2" elbv2;
    "iam" iam;
    "logs" logs;
    "route53" route53;
}
