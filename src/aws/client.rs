//! Clients: one [`Aws`] per region, all on one HTTP connection pool.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sts::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use tokio::sync::OnceCell;

use super::connect::regions::partition_of;
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
            /// Second part of ARNs in the region, such as `aws`.
            pub partition: &'static str,
            /// What public names of the region end with, such as `amazonaws.com`.
            pub dns_suffix: &'static str,
            /// For the caller's identity.
            pub sts: aws_sdk_sts::Client,
            caller: Arc<OnceCell<Caller>>,
            $(
                #[cfg(feature = $feature)]
                #[doc = concat!("Client of `", stringify!($sdk), "`.")]
                pub $field: $sdk::Client,
            )*
        }

        impl Aws {
            fn new(region: &str, config: &SdkConfig, settings: &ClientSettings, caller: Arc<OnceCell<Caller>>) -> Self {
                Self {
                    region: region.to_owned(),
                    partition: partition_of(region).name,
                    dns_suffix: partition_of(region).dns_suffix,
                    caller,
                    sts: sts_client(config, &settings.endpoints, settings.sts_region.as_ref()),
                    $(
                        #[cfg(feature = $feature)]
                        $field: {
                            let mut builder = $sdk::config::Builder::from(config)
                                .retry_partition(settings.retry_partition(stringify!($field), region));
                            if let Some(url) = settings.endpoints.get(stringify!($field)) {
                                builder = builder.endpoint_url(url);
                            }
                            $sdk::Client::from_conf(builder.build())
                        },
                    )*
                }
            }
        }
    };
}

services! {
    "acm" acm aws_sdk_acm,
    "autoscaling" appautoscaling aws_sdk_applicationautoscaling,
    "cloudwatch" cloudwatch aws_sdk_cloudwatch,
    "codedeploy" codedeploy aws_sdk_codedeploy,
    "codepipeline" codepipeline aws_sdk_codepipeline,
    "dynamodb" dynamodb aws_sdk_dynamodb,
    "ec2" ec2 aws_sdk_ec2,
    "ecr" ecr aws_sdk_ecr,
    "ecs" ecs aws_sdk_ecs,
    "elbv2" elbv2 aws_sdk_elasticloadbalancingv2,
    "iam" iam aws_sdk_iam,
    "kms" kms aws_sdk_kms,
    "logs" logs aws_sdk_cloudwatchlogs,
    "route53" route53 aws_sdk_route53,
    "s3" s3 aws_sdk_s3,
}

/// Whose credentials are used.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Number of the account.
    pub account: String,
    /// ARN of the user or of the session of a role.
    pub arn: Option<String>,
    /// Unique id of the user or role; of a session with its name.
    pub user: Option<String>,
}

impl Aws {
    /// Whose credentials are used. Asked once in a run, for all regions.
    pub async fn caller(&self) -> Result<&Caller, Error> {
        let ask = async || {
            let who = self.sts.get_caller_identity().send().await?;
            let account = who.account.ok_or_else(|| Error::empty("GetCallerIdentity"))?;
            Ok::<_, Error>(Caller { account, arn: who.arn, user: who.user_id })
        };
        self.caller.get_or_try_init(ask).await
    }

    /// The same for the clients of one provider block, whatever their region: what others ask for has other credentials.
    pub fn provider(&self) -> usize {
        Arc::as_ptr(&self.caller).addr()
    }

    /// How many network interfaces carry this description.
    #[cfg(feature = "ec2")]
    pub async fn interfaces(&self, description: &str) -> Result<usize, Error> {
        let filter = aws_sdk_ec2::types::Filter::builder().name("description").values(description).build();
        let found = self.ec2.describe_network_interfaces().filters(filter).send().await?;
        Ok(found.network_interfaces().len())
    }

    /// Without the service nobody can tell.
    #[cfg(not(feature = "ec2"))]
    #[allow(clippy::unused_async)]
    pub async fn interfaces(&self, _description: &str) -> Result<usize, Error> {
        Ok(0)
    }

    /// The account's number, for the ARNs of what does not tell its own.
    pub async fn account(&self) -> Result<&str, Error> {
        Ok(&self.caller().await?.account)
    }
}

/// The STS client: in its own region when the provider block names one.
pub(super) fn sts_client(
    config: &SdkConfig,
    endpoints: &BTreeMap<String, String>,
    region: Option<&String>,
) -> aws_sdk_sts::Client {
    let mut builder = aws_sdk_sts::config::Builder::from(config);
    if let Some(region) = region {
        builder = builder.region(Region::new(region.clone()));
    }
    if let Some(url) = endpoints.get("sts") {
        builder = builder.endpoint_url(url);
    }
    aws_sdk_sts::Client::from_conf(builder.build())
}

/// Nothing says which region to call.
pub(super) fn no_region() -> Error {
    let text = "No AWS region is set. Set `region` in a `provider \"aws\"` block, the environment variable AWS_REGION, or `region` in the AWS profile.";
    Error::local("connect", text)
}

/// What all clients of an account have in common beside the SDK's configuration.
pub(super) struct ClientSettings {
    /// Addresses that the provider block sets, by client.
    pub(super) endpoints: BTreeMap<String, String>,
    /// Region of STS, when it has its own.
    pub(super) sts_region: Option<String>,
    /// Budget of retries per service and region.
    pub(super) token_bucket: usize,
    /// Whether names of buckets stand in the path of an address, and not before its host.
    #[cfg_attr(not(feature = "s3"), allow(dead_code))]
    pub(super) path_style: bool,
}

impl ClientSettings {
    #[allow(dead_code)] // without any service
    fn retry_partition(&self, service: &str, region: &str) -> RetryPartition {
        let bucket = TokenBucket::new(self.token_bucket);
        RetryPartition::custom(format!("glaz-{service}-{region}")).token_bucket(bucket).build()
    }
}

/// Accounts that the provider block allows or forbids.
pub(super) struct AccountRules {
    pub(super) allowed: Vec<String>,
    pub(super) forbidden: Vec<String>,
}

impl AccountRules {
    fn check(&self, account: &str) -> Result<(), Error> {
        let refused = if self.forbidden.iter().any(|one| one == account) {
            "which `forbidden_account_ids` of the provider block excludes"
        } else if !self.allowed.is_empty() && !self.allowed.iter().any(|one| one == account) {
            "which is not among `allowed_account_ids` of the provider block"
        } else {
            return Ok(());
        };
        Err(Error::local(
            "connect",
            format!(
                "The credentials are of the account {account}, {refused}. Nothing was called there. Use the credentials of the intended account, or correct the list."
            ),
        ))
    }
}

/// What a configured provider holds: credentials, home region, tag rules, and the clients made so far.
pub(super) struct Account {
    config: SdkConfig,
    home: Option<String>,
    settings: ClientSettings,
    tags: TagRules,
    rules: AccountRules,
    admitted: OnceCell<()>,
    /// For all clients: whoever asks first asks for all.
    caller: Arc<OnceCell<Caller>>,
    made: Mutex<BTreeMap<(String, bool), Arc<Aws>>>,
    /// By call, what it could not do and no object needs; nothing once it was told.
    notes: Mutex<BTreeMap<String, Option<String>>>,
}

impl Account {
    /// An account from a complete configuration. Calls nobody.
    pub(super) fn new(config: SdkConfig, settings: ClientSettings, tags: TagRules, rules: AccountRules) -> Self {
        let home = config.region().map(ToString::to_string);
        Self {
            config,
            home,
            settings,
            tags,
            rules,
            admitted: OnceCell::new(),
            caller: Arc::default(),
            made: Mutex::default(),
            notes: Mutex::default(),
        }
    }

    /// Notes what a call could not do: the first time.
    pub(super) fn note(&self, call: &str, text: String) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.entry(call.to_owned()).or_insert(Some(text));
    }

    /// What was noted since it was asked last.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.values_mut().filter_map(Option::take).collect()
    }

    /// The same account, with default tags whose values are not shown.
    pub(super) fn with_secret_tags(mut self, keys: BTreeSet<String>) -> Self {
        self.tags.secret = keys;
        self
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
    pub(super) async fn in_region(&self, region: &str) -> Result<Arc<Aws>, Error> {
        self.clients(region, false).await
    }

    /// Clients for the region of an object.
    pub(super) async fn for_object(&self, object: &Value) -> Result<Arc<Aws>, Error> {
        self.clients(&self.region_of(object), false).await
    }

    /// Clients that do not repeat a call: a making call that failed after its effect must be looked up, not repeated.
    pub(super) async fn asking_once(&self, object: &Value) -> Result<Arc<Aws>, Error> {
        self.clients(&self.region_of(object), true).await
    }

    async fn clients(&self, region: &str, once: bool) -> Result<Arc<Aws>, Error> {
        if region.is_empty() {
            return Err(no_region());
        }
        let clients = self.make(region, once);
        if !self.rules.allowed.is_empty() || !self.rules.forbidden.is_empty() {
            self.admitted.get_or_try_init(|| self.admit(region)).await?;
        }
        Ok(clients)
    }

    /// Asks which account it is, before the first other call, when the provider block restricts accounts.
    async fn admit(&self, region: &str) -> Result<(), Error> {
        self.rules.check(self.make(region, false).account().await?)
    }

    fn make(&self, region: &str, once: bool) -> Arc<Aws> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let clients = made.entry((region.to_owned(), once)).or_insert_with(|| {
            let mut config = self.config.clone().into_builder().region(Region::new(region.to_owned()));
            if once {
                config = config.retry_config(RetryConfig::disabled());
            }
            #[cfg_attr(not(feature = "s3"), allow(unused_mut))]
            let mut aws = Aws::new(region, &config.build(), &self.settings, self.caller.clone());
            #[cfg(feature = "s3")]
            if self.settings.path_style {
                let config = aws.s3.config().to_builder().force_path_style(true);
                aws.s3 = aws_sdk_s3::Client::from_conf(config.build());
            }
            Arc::new(aws)
        });
        clients.clone()
    }
}
