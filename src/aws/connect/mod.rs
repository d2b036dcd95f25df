//! From the provider block, the environment and the AWS files to an [`Account`]: clients that are ready to call.
//!
//! Nothing here calls anybody: credentials are looked for at the first call, and the region never comes from the EC2
//! metadata service. What the block says comes first, then the environment, then the profile.

pub(super) mod credentials;
mod http;
pub(super) mod regions;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use aws_types::sdk_config::TimeSource;

use self::settings::Settings;
use super::client::{Account, AccountRules, ClientSettings};
use super::provider::ProviderArgs;
use super::tags::{TagRules, given};
use crate::clock::Clock;
use crate::resource::{Error, Surroundings};

/// An unreachable address is noticed after this time.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);
/// A call without answer is repeated after this time.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(1);
/// Single sign-on, roles and helper programs may take their time.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_mins(1);
/// Throttling ends sooner or later; giving up leaves a half-made stack.
const ATTEMPTS: u32 = 10;
/// The pause before the first repeat, doubled before each other.
const BACKOFF: Duration = Duration::from_secs(1);
/// Bytes may stop flowing for this long.
const STALL_GRACE: Duration = Duration::from_secs(20);

/// Something wrong with the connection's settings.
fn refused(text: impl Into<String>) -> Error {
    Error::local("connect", text)
}

/// A pinned clock, for the SDK.
#[derive(Debug)]
struct Pinned(Clock);

impl TimeSource for Pinned {
    fn now(&self) -> std::time::SystemTime {
        std::time::UNIX_EPOCH + self.0.now()
    }
}

/// The account that the provider block describes. Calls nobody.
pub(super) async fn account(args: &ProviderArgs, around: &Surroundings) -> Result<Account, Error> {
    if args.insecure == Some(true) {
        return Err(refused("Certificates are always checked here. Remove `insecure` from the provider block."));
    }
    let settings = Settings::load(args, around).await?;
    let region = settings.get(args.region.as_ref(), &["AWS_REGION", "AWS_DEFAULT_REGION"], "region");
    let endpoints = endpoints(args);
    let base = SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(region.map(Region::new))
        .http_client(http::client(args, &settings, &around.clock).await?)
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .build(),
        )
        .retry_config(retries(args, &settings)?.with_initial_backoff(around.clock.really(BACKOFF)))
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(STALL_GRACE).build())
        .identity_cache(IdentityCache::lazy().load_timeout(CREDENTIALS_TIMEOUT).build())
        .use_fips(settings.flag(args.use_fips_endpoint, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?)
        .use_dual_stack(settings.flag(
            args.use_dualstack_endpoint,
            "AWS_USE_DUALSTACK_ENDPOINT",
            "use_dualstack_endpoint",
        )?)
        .app_name(app_name(&around.agent)?)
        .service_config(settings.services()?);
    // What is signed tells the time: a test moves its services along with its clock, which theirs must not correct.
    let base = if around.clock.is_pinned() {
        base.time_source(Pinned(around.clock.clone())).disable_clock_skew_correction(true)
    } else {
        base
    };
    let base = base.build();
    let provider = credentials::provider(args, &settings, &base, &endpoints, &around.clock)?;
    let config = base.into_builder().credentials_provider(provider).build();
    let rules =
        AccountRules { allowed: args.allowed_account_ids.0.clone(), forbidden: args.forbidden_account_ids.0.clone() };
    let sts_region = args.sts_region.clone().filter(|region| !region.is_empty());
    let clients = ClientSettings {
        endpoints,
        sts_region,
        token_bucket: token_bucket(args),
        path_style: args.s3_use_path_style == Some(true),
    };
    Ok(Account::new(config, clients, tags(args, &settings), rules))
}

/// A large budget of retries: many resources of one service are throttled together.
fn token_bucket(args: &ProviderArgs) -> usize {
    const LARGE: usize = 50_000;
    args.token_bucket_rate_limiter_capacity.and_then(|size| usize::try_from(size).ok()).unwrap_or(LARGE)
}

fn endpoints(args: &ProviderArgs) -> BTreeMap<String, String> {
    args.endpoints.iter().flat_map(super::provider::Endpoints::by_client).collect()
}

fn retries(args: &ProviderArgs, settings: &Settings) -> Result<RetryConfig, Error> {
    let attempts = args.max_retries.map(|most| most.to_string());
    let attempts = match settings.get(attempts.as_ref(), &["AWS_MAX_ATTEMPTS"], "max_attempts") {
        None => ATTEMPTS,
        Some(text) => text.trim().parse().map_err(|_| {
            refused(format!("The largest number of attempts is `{text}` (AWS_MAX_ATTEMPTS or `max_attempts`), which is not a number."))
        })?,
    };
    let config = match settings.get(args.retry_mode.as_ref(), &["AWS_RETRY_MODE"], "retry_mode").as_deref() {
        Some("adaptive") => RetryConfig::adaptive(),
        _ => RetryConfig::standard(),
    };
    Ok(config.with_max_attempts(attempts.max(1)))
}

/// `glaz/0.1.0` becomes `glaz-0.1.0`: the header uses slashes itself.
fn app_name(agent: &str) -> Result<AppName, Error> {
    let name: String =
        agent.chars().map(|one| if one.is_ascii_alphanumeric() || ".+_".contains(one) { one } else { '-' }).collect();
    AppName::new(if name.is_empty() { "glaz".to_owned() } else { name })
        .map_err(|_| refused(format!("`{agent}` cannot be sent as the name of this program. Please report this.")))
}

/// Tag rules of the block, and of the environment as hashicorp/aws reads them.
fn tags(args: &ProviderArgs, settings: &Settings) -> TagRules {
    let ignore = args.ignore_tags.clone().unwrap_or_default();
    let listed =
        |name| settings.env(name).into_iter().flat_map(|list| list.split(',')).map(|one| one.trim().to_owned());
    let mut default: BTreeMap<String, String> = settings.with_prefix("TF_AWS_DEFAULT_TAGS_").collect();
    default.extend(args.default_tags.iter().flat_map(|args| given(&args.tags)));
    TagRules {
        default,
        secret: BTreeSet::new(),
        ignore_keys: ignore.keys.0.into_iter().chain(listed("TF_AWS_IGNORE_TAGS_KEYS")).collect(),
        ignore_prefixes: ignore.key_prefixes.0.into_iter().chain(listed("TF_AWS_IGNORE_TAGS_KEY_PREFIXES")).collect(),
    }
}
