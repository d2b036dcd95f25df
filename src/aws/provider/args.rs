//! The attributes of the `provider "aws"` block.

use super::endpoints::Endpoints;
use crate::aws::contract::{BTreeMap, Set, model};

model! {
    /// Connection to AWS. Everything may be left out: the usual environment variables and AWS files are then used.
    pub struct ProviderArgs {
        /// Region that resources are in unless they name their own. Left out: `AWS_REGION`, then the profile's.
        region: Option<String> = optional(),
        /// Profile of the AWS files that credentials and settings are taken from, before the environment's credentials.
        profile: Option<String> = optional(),
        /// Access key id; better kept out of stack files.
        access_key: Option<String> = optional(),
        /// Secret access key; better kept out of stack files.
        secret_key: Option<String> = optional().sensitive(),
        /// Session token of temporary credentials.
        token: Option<String> = optional().sensitive(),
        /// AWS configuration files, in place of `~/.aws/config`.
        shared_config_files: Vec<String> = optional(),
        /// AWS credentials files, in place of `~/.aws/credentials`.
        shared_credentials_files: Vec<String> = optional(),
        /// Roles to assume, one after the other: each with the credentials of the one before.
        assume_role: Vec<AssumeRole> = optional(),
        /// Role to assume with a token of an identity provider, such as that of a CI system.
        assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity> = optional(),
        /// Tags that every object gets.
        default_tags: Option<DefaultTags> = optional(),
        /// Tags that are neither shown nor removed.
        ignore_tags: Option<IgnoreTags> = optional(),
        /// Addresses to call in place of AWS's, by service.
        endpoints: Set<Endpoints> = optional(),
        /// Accounts that may be changed; every other is refused before the first call.
        allowed_account_ids: Set<String> = optional().conflicts(&["forbidden_account_ids"]),
        /// Accounts that must not be changed.
        forbidden_account_ids: Set<String> = optional().conflicts(&["allowed_account_ids"]),
        /// How often a call is tried at most before it counts as failed.
        max_retries: Option<i32> = optional().range(0, 1000),
        /// `standard`, or `adaptive`, which slows all calls down after throttling.
        retry_mode: Option<String> = optional().one_of(&["standard", "adaptive"]),
        /// Size of the budget that retries of one service and region share.
        token_bucket_rate_limiter_capacity: Option<i32> = optional().range(0, 1_000_000),
        /// Proxy for calls over HTTP, and over HTTPS when `https_proxy` is left out.
        http_proxy: Option<String> = optional(),
        /// Proxy for calls over HTTPS.
        https_proxy: Option<String> = optional(),
        /// Hosts that are called without proxy, separated by commas.
        no_proxy: Option<String> = optional(),
        /// File with the certificates to trust, in place of the system's.
        custom_ca_bundle: Option<String> = optional(),
        /// Whether to skip checking certificates. Not supported.
        insecure: Option<bool> = optional(),
        /// Whether to call endpoints with FIPS cryptography.
        use_fips_endpoint: Option<bool> = optional(),
        /// Whether to call endpoints that also speak IPv6.
        use_dualstack_endpoint: Option<bool> = optional(),
        /// Region that STS is called in; that of the provider when left out.
        sts_region: Option<String> = optional(),
        /// Address of the EC2 metadata service.
        ec2_metadata_service_endpoint: Option<String> = optional(),
        /// `IPv4` or `IPv6`: how the EC2 metadata service is called.
        ec2_metadata_service_endpoint_mode: Option<String> = optional().one_of(&["IPv4", "IPv6"]),
        /// Whether not to ask the EC2 metadata service for credentials.
        skip_metadata_api_check: Option<String> = optional(),
        /// Accepted for compatibility: credentials are first used when they are needed.
        skip_credentials_validation: Option<bool> = optional(),
        /// Whether to accept a region that does not look like one.
        skip_region_validation: Option<bool> = optional(),
        /// Accepted for compatibility: the account is asked for only when it matters.
        skip_requesting_account_id: Option<bool> = optional(),
        /// Whether the name of a bucket stands in the path of an address, as endpoints of your own may need it, and not before its host.
        s3_use_path_style: Option<bool> = optional(),
        /// Accepted for compatibility.
        s3_us_east_1_regional_endpoint: Option<String> = optional().one_of(&["legacy", "regional"]),
        /// Accepted for compatibility.
        tag_policy_compliance: Option<String> = optional().one_of(&["error", "warning", "disabled"]),
        /// Accepted for compatibility.
        user_agent: Vec<String> = optional(),
    }
}

model! {
    /// A role to assume.
    pub struct AssumeRole {
        /// ARN of the role.
        role_arn: Option<String> = optional(),
        /// Name of the session, seen in CloudTrail.
        session_name: Option<String> = optional().length(2, 64).pattern("^[\\w+=,.@-]*$", "letters, digits and _+=,.@-"),
        /// Text that the role's trust policy asks for.
        external_id: Option<String> = optional().length(2, 1224),
        /// How long the credentials last, such as "1h"; 15 minutes to 12 hours.
        duration: Option<String> = optional().check(crate::aws::connect::credentials::check_duration),
        /// Policy that restricts the session further.
        policy: Option<String> = optional().json(),
        /// ARNs of policies that restrict the session further.
        policy_arns: Set<String> = optional(),
        /// Tags of the session. One that is null is left out.
        tags: BTreeMap<String, Option<String>> = optional(),
        /// Keys of the tags that sessions of further roles inherit.
        transitive_tag_keys: Set<String> = optional(),
        /// Who is behind the session, seen in CloudTrail.
        source_identity: Option<String> = optional().length(2, 64),
    }
}

model! {
    /// A role to assume with a token of an identity provider.
    pub struct AssumeRoleWithWebIdentity {
        /// ARN of the role. Left out: `AWS_ROLE_ARN`.
        role_arn: Option<String> = optional(),
        /// Name of the session. Left out: `AWS_ROLE_SESSION_NAME`.
        session_name: Option<String> = optional().length(2, 64).pattern("^[\\w+=,.@-]*$", "letters, digits and _+=,.@-"),
        /// The token itself.
        web_identity_token: Option<String> = optional().sensitive().conflicts(&["web_identity_token_file"]),
        /// File with the token, read anew for each session. Left out: `AWS_WEB_IDENTITY_TOKEN_FILE`.
        web_identity_token_file: Option<String> = optional().conflicts(&["web_identity_token"]),
        /// How long the credentials last, such as "1h"; 15 minutes to 12 hours.
        duration: Option<String> = optional().check(crate::aws::connect::credentials::check_duration),
        /// Policy that restricts the session further.
        policy: Option<String> = optional().json(),
        /// ARNs of policies that restrict the session further.
        policy_arns: Set<String> = optional(),
    }
}

model! {
    /// Tags that every object gets.
    pub struct DefaultTags {
        /// The tags; those of a resource win. Those of `TF_AWS_DEFAULT_TAGS_<key>` are added. One that is null is left out.
        tags: BTreeMap<String, Option<String>> = optional(),
    }
}

model! {
    /// Tags that are neither shown nor removed.
    pub struct IgnoreTags {
        /// Their keys. Those of `TF_AWS_IGNORE_TAGS_KEYS` are added.
        keys: Set<String> = optional(),
        /// Prefixes of their keys. Those of `TF_AWS_IGNORE_TAGS_KEY_PREFIXES` are added.
        key_prefixes: Set<String> = optional(),
    }
}
