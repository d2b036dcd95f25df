//! Where credentials come from: the provider block, the environment, the profile, a token of an identity provider,
//! the container, the EC2 instance; and the roles assumed with them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::imds;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::types as sts;
use aws_types::SdkConfig;

use super::refused;
use super::settings::{Settings, in_full};
use crate::aws::client::sts_client;
use crate::aws::provider::{AssumeRole, AssumeRoleWithWebIdentity, ProviderArgs};
use crate::aws::tags;
use crate::clock::Clock;
use crate::resource::{Error, attr, model};
use crate::value::Value;

/// The metadata service answers at once, or there is none.
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);
/// Looks at the metadata service: a busy instance may miss one.
const METADATA_ATTEMPTS: u32 = 2;

/// The credentials of a provider block. Nothing is read or called before they are first needed.
pub(super) fn provider(
    args: &ProviderArgs,
    settings: &Settings,
    base: &SdkConfig,
    endpoints: &BTreeMap<String, String>,
    clock: &Clock,
) -> Result<SharedCredentialsProvider, Error> {
    let region = args.sts_region.as_ref().filter(|region| !region.is_empty());
    let sts = |credentials: Option<SharedCredentialsProvider>| {
        // Sessions are cached once, outside; a second cache inside would keep them too long.
        let mut config = base.clone().into_builder().identity_cache(IdentityCache::no_cache());
        config.set_credentials_provider(credentials);
        sts_client(&config.build(), endpoints, region)
    };
    let session = format!("glaz-{}", clock.now().as_secs());
    let mut found = match &args.assume_role_with_web_identity {
        Some(role) => SharedCredentialsProvider::new(WebIdentity::new(sts(None), role, settings, &session)?),
        None => own(args, settings, base)?,
    };
    for role in &args.assume_role {
        let Some(arn) = role.role_arn.clone().filter(|arn| !arn.is_empty()) else { continue };
        let assumed = Assumed { sts: sts(Some(found)), arn, role: role.clone(), session: session.clone() };
        found = SharedCredentialsProvider::new(assumed);
    }
    Ok(found)
}

/// Credentials before any role is assumed.
fn own(args: &ProviderArgs, settings: &Settings, base: &SdkConfig) -> Result<SharedCredentialsProvider, Error> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let (Some(key), Some(secret)) = (given(&args.access_key), given(&args.secret_key)) {
        return Ok(fixed(key, secret, given(&args.token), "provider block"));
    }
    if !settings.is_profile_of_block
        && let (Some(key), Some(secret)) = (settings.env("AWS_ACCESS_KEY_ID"), settings.env("AWS_SECRET_ACCESS_KEY"))
    {
        let token = settings.env("AWS_SESSION_TOKEN").map(str::to_owned);
        return Ok(fixed(key.to_owned(), secret.to_owned(), token, "environment"));
    }
    let is_true = |text: &str| text.eq_ignore_ascii_case("true");
    let asks_metadata = !args.skip_metadata_api_check.as_deref().is_some_and(is_true)
        && !settings.env("AWS_EC2_METADATA_DISABLED").is_some_and(is_true);
    let mut metadata = imds::Client::builder()
        .max_attempts(METADATA_ATTEMPTS)
        .connect_timeout(METADATA_TIMEOUT)
        .read_timeout(METADATA_TIMEOUT);
    if let Some(address) = given(&args.ec2_metadata_service_endpoint) {
        metadata = metadata.endpoint(&address).map_err(|_| {
            refused(format!("`ec2_metadata_service_endpoint` is `{address}`, which is not an address such as http://169.254.169.254."))
        })?;
    }
    if args.ec2_metadata_service_endpoint_mode.as_deref() == Some("IPv6") {
        metadata = metadata.endpoint_mode(imds::client::EndpointMode::IpV6);
    }
    let mut config = ProviderConfig::without_region()
        .with_region(base.region().cloned())
        .with_use_fips(base.use_fips())
        .with_use_dual_stack(base.use_dual_stack());
    if let Some(http) = base.http_client() {
        config = config.with_http_client(http);
    }
    Ok(SharedCredentialsProvider::new(Usual {
        profile: settings.profile().to_owned(),
        signs_on: settings.signs_on(),
        files: settings.files(),
        config,
        metadata: asks_metadata.then_some(metadata),
        chain: OnceLock::new(),
    }))
}

fn fixed(key: String, secret: String, token: Option<String>, from: &'static str) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(key, secret, token, None, from))
}

/// The usual places, in the usual order.
struct Usual {
    profile: String,
    signs_on: bool,
    files: aws_runtime::env_config::file::EnvConfigFiles,
    config: ProviderConfig,
    metadata: Option<imds::client::Builder>,
    chain: OnceLock<CredentialsProviderChain>,
}

impl Usual {
    fn chain(&self) -> CredentialsProviderChain {
        let profile = ProfileFileCredentialsProvider::builder()
            .configure(&self.config)
            .profile_files(self.files.clone())
            .profile_name(self.profile.clone())
            .build();
        let token = WebIdentityTokenCredentialsProvider::builder().configure(&self.config).build();
        let container = EcsCredentialsProvider::builder().configure(&self.config).build();
        let chain = CredentialsProviderChain::first_try("Profile", profile)
            .or_else("WebIdentityToken", token)
            .or_else("EcsContainer", container);
        match &self.metadata {
            None => chain,
            Some(metadata) => {
                let client = metadata.clone().configure(&self.config).build();
                let instance = imds::credentials::ImdsCredentialsProvider::builder().configure(&self.config);
                chain.or_else("Ec2InstanceMetadata", Instance(instance.imds_client(client).build()))
            }
        }
    }

    fn explained(&self, error: &CredentialsError) -> CredentialsError {
        let profile = &self.profile;
        if let CredentialsError::CredentialsNotLoaded(_) = error {
            return CredentialsError::not_loaded(format!(
                "No AWS credentials were found: not in the provider block, not in the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, not in the profile `{profile}`, and none are given by the machine. Set the variables, or name a profile that has credentials in `profile` or AWS_PROFILE; `aws configure` makes one."
            ));
        }
        let why = in_full(error);
        let advice = if self.signs_on {
            format!(" Sign on with\n\n    aws sso login --profile {profile}")
        } else {
            String::new()
        };
        CredentialsError::provider_error(format!(
            "The credentials of the profile `{profile}` cannot be used: {why}.{advice}"
        ))
    }
}

impl fmt::Debug for Usual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Usual").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl ProvideCredentials for Usual {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let chain = self.chain.get_or_init(|| self.chain());
        future::ProvideCredentials::new(async move {
            chain.provide_credentials().await.map_err(|error| self.explained(&error))
        })
    }
}

/// The instance's role. The last place to look: a metadata service that fails or is missing means "not found".
#[derive(Debug)]
struct Instance(imds::credentials::ImdsCredentialsProvider);

impl ProvideCredentials for Instance {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.0.provide_credentials().await.map_err(CredentialsError::not_loaded)
        })
    }
}

/// A role, assumed with the credentials of the client.
#[derive(Debug)]
struct Assumed {
    sts: aws_sdk_sts::Client,
    arn: String,
    role: AssumeRole,
    session: String,
}

impl Assumed {
    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let role = &self.role;
        let tag = |key: &str, value: &str| sts::Tag::builder().key(key).value(value).build();
        let tags: Result<Vec<_>, _> =
            tags::to_list(&tags::given(&role.tags), tag).unwrap_or_default().into_iter().collect();
        let tags = tags.map_err(CredentialsError::invalid_configuration)?;
        let keys = &role.transitive_tag_keys.0;
        let answer = self
            .sts
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(role.session_name.as_ref().unwrap_or(&self.session))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration.as_deref().and_then(seconds))
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(&role.policy_arns.0))
            .set_tags((!tags.is_empty()).then_some(tags))
            .set_transitive_tag_keys((!keys.is_empty()).then(|| keys.clone()))
            .set_source_identity(role.source_identity.clone())
            .send()
            .await;
        session(answer.map(|answer| answer.credentials).map_err(Error::from), &self.arn)
    }
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

/// A role, assumed with a token of an identity provider.
struct WebIdentity {
    sts: aws_sdk_sts::Client,
    arn: String,
    session: String,
    token: Token,
    role: AssumeRoleWithWebIdentity,
}

enum Token {
    Given(String),
    File(String),
}

impl WebIdentity {
    fn new(
        sts: aws_sdk_sts::Client,
        role: &AssumeRoleWithWebIdentity,
        settings: &Settings,
        session: &str,
    ) -> Result<Self, Error> {
        let or_env = |given: &Option<String>, name: &str| {
            given.clone().filter(|text| !text.is_empty()).or_else(|| settings.env(name).map(str::to_owned))
        };
        let missing = |what: &str, name: &str| {
            refused(format!("`assume_role_with_web_identity` needs `{what}`, or the environment variable {name}."))
        };
        let token = match role.web_identity_token.clone().filter(|token| !token.is_empty()) {
            Some(token) => Token::Given(token),
            None => Token::File(
                or_env(&role.web_identity_token_file, "AWS_WEB_IDENTITY_TOKEN_FILE")
                    .ok_or_else(|| missing("web_identity_token_file", "AWS_WEB_IDENTITY_TOKEN_FILE"))?,
            ),
        };
        let arn = or_env(&role.role_arn, "AWS_ROLE_ARN").ok_or_else(|| missing("role_arn", "AWS_ROLE_ARN"))?;
        let session = or_env(&role.session_name, "AWS_ROLE_SESSION_NAME").unwrap_or_else(|| session.to_owned());
        Ok(Self { sts, arn, session, token, role: role.clone() })
    }

    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let token = match &self.token {
            Token::Given(token) => token.clone(),
            Token::File(path) => {
                let text = tokio::fs::read_to_string(path).await.map_err(|error| {
                    CredentialsError::provider_error(format!(
                        "The web identity token cannot be read from {path}: {error}."
                    ))
                })?;
                text.trim().to_owned()
            }
        };
        let answer = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(&self.arn)
            .role_session_name(&self.session)
            .web_identity_token(token)
            .set_duration_seconds(self.role.duration.as_deref().and_then(seconds))
            .set_policy(self.role.policy.clone())
            .set_policy_arns(policies(&self.role.policy_arns.0))
            .send()
            .await;
        session(answer.map(|answer| answer.credentials).map_err(Error::from), &self.arn)
    }
}

impl fmt::Debug for WebIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebIdentity").field("arn", &self.arn).finish_non_exhaustive()
    }
}

impl ProvideCredentials for WebIdentity {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

fn policies(arns: &[String]) -> Option<Vec<sts::PolicyDescriptorType>> {
    let policy = |arn: &String| sts::PolicyDescriptorType::builder().arn(arn).build();
    (!arns.is_empty()).then(|| arns.iter().map(policy).collect())
}

/// The credentials of an answer of STS.
fn session(answer: Result<Option<sts::Credentials>, Error>, arn: &str) -> Result<Credentials, CredentialsError> {
    let failed = |why: &str| CredentialsError::provider_error(format!("The role {arn} could not be assumed: {why}"));
    let answer = answer.map_err(|error| {
        let why = if error.code.is_empty() { error.message } else { format!("{}: {}", error.code, error.message) };
        failed(&format!("{why}. Check that the role exists, that its trust policy names the caller, and that the caller may assume it."))
    })?;
    let given = answer.ok_or_else(|| failed("STS answered without credentials."))?;
    let until = SystemTime::try_from(given.expiration).map_err(|_| failed("STS answered with an impossible time."))?;
    Ok(Credentials::new(
        given.access_key_id,
        given.secret_access_key,
        Some(given.session_token),
        Some(until),
        "AssumeRole",
    ))
}

/// Whole seconds of a Terraform duration.
fn seconds(text: &str) -> Option<i32> {
    i32::try_from(attr::duration(text)?.as_secs()).ok().filter(|seconds| *seconds > 0)
}

/// Whether a session may last as long.
pub(crate) fn check_duration(value: &Value) -> Result<(), String> {
    let Ok(text) = <String as model::Field>::decode(value) else { return Ok(()) };
    match seconds(&text) {
        Some(900..=43200) => Ok(()),
        Some(_) => {
            Err(format!("A session lasts between 15 minutes (\"15m\") and 12 hours (\"12h\"), and this is \"{text}\"."))
        }
        None => Err(format!("\"{text}\" is not a duration. Write it like \"1h\", \"90m\" or \"1h30m\".")),
    }
}
