//! The `provider "aws"` block: region, credentials, endpoints, tags.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference>

use std::sync::Arc;

use super::client::Account;
use super::contract::{Set, Tags, model};
use super::tags::TagRules;
use crate::resource::model::{Field, Model};
use crate::resource::{AnyResource, AnySource, Cloud, Draft, Pending, Problems, Provider, Schema, Surroundings};
use crate::value::Value;

model! {
    /// Connection to AWS.
    pub struct ProviderArgs {
        /// Region that resources are in unless they name their own.
        region: Option<String> = optional(),
        /// Access key id; better kept out of stack files.
        access_key: Option<String> = optional(),
        /// Secret access key; better kept out of stack files.
        secret_key: Option<String> = optional().sensitive(),
        /// Session token.
        token: Option<String> = optional().sensitive(),
        /// Tags that every object gets.
        default_tags: Option<DefaultTags> = optional(),
        /// Tags that are neither shown nor removed.
        ignore_tags: Option<IgnoreTags> = optional(),
    }
}

model! {
    /// Tags that every object gets.
    pub struct DefaultTags {
        /// The tags; those of a resource win.
        tags: Tags = optional(),
    }
}

model! {
    /// Tags that are neither shown nor removed.
    pub struct IgnoreTags {
        /// Their keys.
        keys: Set<String> = optional(),
        /// Prefixes of their keys.
        key_prefixes: Set<String> = optional(),
    }
}

/// The AWS provider.
pub(super) struct AwsProvider {
    pub(super) resources: Vec<Arc<dyn AnyResource>>,
    pub(super) sources: Vec<Arc<dyn AnySource>>,
}

impl Provider for AwsProvider {
    fn name(&self) -> &'static str {
        "aws"
    }

    fn source(&self) -> &'static str {
        "registry.terraform.io/hashicorp/aws"
    }

    fn schema(&self) -> &'static Schema {
        ProviderArgs::schema()
    }

    fn resources(&self) -> &[Arc<dyn AnyResource>] {
        &self.resources
    }

    fn sources(&self) -> &[Arc<dyn AnySource>] {
        &self.sources
    }

    fn check(&self, _draft: &Draft, _found: &mut Problems) {}

    fn connect<'a>(&'a self, config: &'a Value, _around: &'a Surroundings) -> Pending<'a, Cloud> {
        Box::pin(async move {
            let args = ProviderArgs::decode_element(config)?;
            let mut loader = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http_client());
            if let Some(region) = args.region {
                loader = loader.region(aws_types::region::Region::new(region));
            }
            let ignore = args.ignore_tags.unwrap_or_default();
            let tags = TagRules {
                default: args.default_tags.unwrap_or_default().tags,
                ignore_keys: ignore.keys.0,
                ignore_prefixes: ignore.key_prefixes.0,
            };
            Ok(Cloud::new(Account::new(loader.load().await, std::collections::BTreeMap::new(), tags)))
        })
    }
}

/// One connection pool for all clients.
fn http_client() -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    use aws_smithy_http_client::{Builder, tls};
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https()
}
