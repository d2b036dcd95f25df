//! The `provider "aws"` block: region, credentials, endpoints, tags.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference>

mod args;
mod endpoints;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use args::{AssumeRole, AssumeRoleWithWebIdentity, DefaultTags, IgnoreTags, ProviderArgs};
pub use endpoints::Endpoints;

use super::client::{Account, no_region};
use super::connect;
use super::connect::regions;
use crate::resource::model::{Field, Model};
use crate::resource::{AnyResource, AnySource, Cloud, Draft, Error, Pending, Problems, Provider, Schema, Surroundings};
use crate::value::Value;

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

    fn check(&self, draft: &Draft, found: &mut Problems) {
        check(draft, found);
    }

    fn connect<'a>(&'a self, config: &'a Value, around: &'a Surroundings) -> Pending<'a, Cloud> {
        Box::pin(async move {
            let args = ProviderArgs::decode_element(config)?;
            Ok(Cloud::new(connect::account(&args, around).await?.with_secret_tags(secret_tags(config))))
        })
    }

    fn usable(&self, cloud: &Cloud) -> Result<(), Error> {
        let home = cloud.get::<Account>()?.home_region().filter(|region| !region.is_empty());
        home.map(drop).ok_or_else(no_region)
    }
}

/// Keys of default tags whose value is sensitive.
fn secret_tags(config: &Value) -> BTreeSet<String> {
    let blocks = config.get("default_tags").into_iter().flat_map(Value::children);
    let all = blocks.filter_map(|block| block.get("tags"));
    let secret = all.flat_map(|tags| {
        let is_all = tags.marks.is_sensitive();
        tags.entries().into_iter().flatten().filter(move |(_, tag)| is_all || tag.marks.is_sensitive())
    });
    secret.map(|(key, _)| key.to_string()).collect()
}

fn check(draft: &Draft, found: &mut Problems) {
    let is_free = draft.known(ProviderArgs::skip_region_validation) == Some(true);
    for key in [ProviderArgs::region, ProviderArgs::sts_region] {
        let region = draft.known(key).filter(|region| !region.is_empty());
        if let Some(region) = region.filter(|region| !is_free && !regions::looks_right(region)) {
            found.at(
                key,
                format!(
                    "`{region}` does not look like an AWS region, such as `eu-west-1`. Correct it, or set `skip_region_validation = true`."
                ),
            );
        }
    }
    match (draft.is_set(ProviderArgs::access_key), draft.is_set(ProviderArgs::secret_key)) {
        (true, false) => found
            .at(ProviderArgs::access_key, "`access_key` is of use only with its `secret_key`. Set both, or neither."),
        (false, true) => found
            .at(ProviderArgs::secret_key, "`secret_key` is of use only with its `access_key`. Set both, or neither."),
        _ => {}
    }
    if draft.known(ProviderArgs::insecure) == Some(true) {
        found.at(
            ProviderArgs::insecure,
            "Certificates are always checked here. Remove `insecure`, and name the certificate authority of the endpoint or proxy in `custom_ca_bundle`.",
        );
    }
    for role in draft.known(ProviderArgs::assume_role).unwrap_or_default() {
        if role.role_arn.as_deref().is_some_and(|arn| !arn.is_empty() && !is_role_arn(arn)) {
            found.inside(
                &["assume_role", "role_arn"],
                "The ARN of a role is needed, such as `arn:aws:iam::123456789012:role/deploy`.",
            );
        }
    }
    for endpoints in draft.known(ProviderArgs::endpoints).unwrap_or_default().iter() {
        for (name, address) in endpoints.malformed() {
            found.inside(
                &["endpoints", name],
                format!("`{address}` is not an address. It must start with `https://` or `http://`."),
            );
        }
    }
    let default_tags = draft.known(ProviderArgs::default_tags).unwrap_or_default().tags;
    if let Some(key) = default_tags.keys().find(|key| key.to_lowercase().starts_with("aws:")) {
        found.inside(
            &["default_tags", "tags"],
            format!("Tags that start with `aws:` are AWS's own, so `{key}` cannot be set. Choose another key."),
        );
    }
}

fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "iam", "", account, name] if account.len() == 12 && name.starts_with("role/"))
}
