//! Clients: one [`Aws`] per region, all on one HTTP connection pool.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use super::tags::TagRules;
use crate::resource::Error;
use crate::value::Value;

/// Lists the services: feature, field, SDK crate.
macro_rules! services {
    ($($feature:literal $field:ident $sdk:ident,)*) => {
        /// The clients for one region.
        pub struct Aws {
            /// The region.
            pub region: String,
            /// For the caller's identity.
            pub sts: aws_sdk_sts::Client,
            $(
                #[cfg(feature = $feature)]
                #[doc = concat!("Client of `", stringify!($sdk), "`.")]
                pub $field: $sdk::Client,
            )*
        }

        impl Aws {
            fn new(region: &str, config: &SdkConfig, endpoints: &BTreeMap<String, String>) -> Self {
                Self {
                    region: region.to_owned(),
                    sts: aws_sdk_sts::Client::from_conf(endpoint(endpoints, "sts").into_iter().fold(
                        aws_sdk_sts::config::Builder::from(config), |builder, url| builder.endpoint_url(url)).build()),
                    $(
                        #[cfg(feature = $feature)]
                        $field: $sdk::Client::from_conf(endpoint(endpoints, stringify!($field)).into_iter().fold(
                            $sdk::config::Builder::from(config), |builder, url| builder.endpoint_url(url)).build()),
                    )*
                }
            }
        }
    };
}

services! {
    "codedeploy" codedeploy aws_sdk_codedeploy,
    "ec2" ec2 aws_sdk_ec2,
    "ecr" ecr aws_sdk_ecr,
    "ecs" ecs aws_sdk_ecs,
    "elbv2" elbv2 aws_sdk_elasticloadbalancingv2,
    "iam" iam aws_sdk_iam,
    "logs" logs aws_sdk_cloudwatchlogs,
    "route53" route53 aws_sdk_route53,
}

/// The endpoint that the provider block sets for a service.
fn endpoint<'a>(endpoints: &'a BTreeMap<String, String>, service: &str) -> Option<&'a String> {
    endpoints.get(service)
}

/// What a configured provider holds: credentials, home region, tag rules, and the clients made so far.
pub(super) struct Account {
    config: SdkConfig,
    home: Option<String>,
    endpoints: BTreeMap<String, String>,
    tags: TagRules,
    made: Mutex<BTreeMap<(String, bool), Arc<Aws>>>,
}

impl Account {
    /// An account from a loaded configuration. Calls nobody.
    pub(super) fn new(config: SdkConfig, endpoints: BTreeMap<String, String>, tags: TagRules) -> Self {
        let home = config.region().map(ToString::to_string);
        Self { config, home, endpoints, tags, made: Mutex::default() }
    }

    /// Default and ignored tags.
    pub(super) fn tags(&self) -> &TagRules {
        &self.tags
    }

    /// The provider's region, when it has one.
    pub(super) fn home_region(&self) -> Option<&str> {
        self.home.as_deref()
    }

    /// The region of an object: its own, or the provider's.
    pub(super) fn region_of(&self, object: &Value) -> String {
        let own = object.get("region").and_then(Value::as_str).filter(|region| !region.is_empty());
        own.or(self.home.as_deref()).unwrap_or_default().to_owned()
    }

    /// Clients for a region.
    pub(super) fn in_region(&self, region: &str) -> Result<Arc<Aws>, Error> {
        self.clients(region, false)
    }

    /// Clients for the region of an object.
    pub(super) fn for_object(&self, object: &Value) -> Result<Arc<Aws>, Error> {
        self.clients(&self.region_of(object), false)
    }

    /// Clients that do not repeat a call: a making call that failed after its effect must be looked up, not repeated.
    pub(super) fn asking_once(&self, object: &Value) -> Result<Arc<Aws>, Error> {
        self.clients(&self.region_of(object), true)
    }

    fn clients(&self, region: &str, once: bool) -> Result<Arc<Aws>, Error> {
        if region.is_empty() {
            return Err(Error::local(
                "connect",
                "No AWS region is set. Set `region` in the provider block, or the environment variable AWS_REGION, or a region in the AWS profile.",
            ));
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let clients = made.entry((region.to_owned(), once)).or_insert_with(|| {
            let mut config = self.config.clone().into_builder().region(Region::new(region.to_owned()));
            if once {
                config = config.retry_config(RetryConfig::disabled());
            }
            Arc::new(Aws::new(region, &config.build(), &self.endpoints))
        });
        Ok(clients.clone())
    }
}
