//! Settings from the provider block, the environment and the AWS files, in this order.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use aws_runtime::env_config::EnvConfigValue;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use super::refused;
use crate::aws::provider::ProviderArgs;
use crate::resource::{Error, Surroundings};

/// The environment and the profile that is used.
pub(super) struct Settings {
    environment: Arc<BTreeMap<String, String>>,
    env: Env,
    files: EnvConfigFiles,
    sections: EnvConfigSections,
    profile: String,
    /// Whether the block names the profile: its credentials then come before the environment's.
    pub(super) is_profile_of_block: bool,
}

impl Settings {
    /// Reads the AWS files.
    pub(super) async fn load(args: &ProviderArgs, around: &Surroundings) -> Result<Self, Error> {
        let environment = around.environment.clone();
        let pairs: Vec<(&str, &str)> = environment.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let env = Env::from_slice(&pairs);
        let of_block = args.profile.clone().filter(|name| !name.is_empty());
        let of_environment = || {
            let set = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].iter().find_map(|&name| environment.get(name));
            set.filter(|name| !name.is_empty()).cloned()
        };
        let is_profile_of_block = of_block.is_some();
        let named = of_block.or_else(of_environment);
        let files = files(args, environment.get("HOME").map(String::as_str));

        let unreadable = |why: &dyn fmt::Display| {
            refused(format!(
                "The AWS configuration files cannot be read: {why}. Correct the file, or name other ones in `shared_config_files` and `shared_credentials_files`."
            ))
        };
        let mut source = source::load(&env, &Fs::real(), &files).await.map_err(|error| unreadable(&in_full(&error)))?;
        let profile = named.clone().unwrap_or_else(|| "default".to_owned());
        source.profile = profile.clone().into();
        let sections = EnvConfigSections::parse(source).map_err(|error| unreadable(&in_full(&error)))?;

        let settings = Self { environment, env, files, sections, profile, is_profile_of_block };
        let has_keys =
            args.access_key.is_some() || (!is_profile_of_block && settings.env("AWS_ACCESS_KEY_ID").is_some());
        match named {
            Some(name) if !has_keys && settings.sections.get_profile(&name).is_none() => {
                Err(settings.no_such_profile(&name))
            }
            _ => Ok(settings),
        }
    }

    fn no_such_profile(&self, name: &str) -> Error {
        let by = if self.is_profile_of_block {
            "`profile` in the provider block"
        } else {
            "the environment variable AWS_PROFILE"
        };
        let mut known: Vec<&str> = self.sections.profiles().collect();
        known.sort_unstable();
        let known = if known.is_empty() {
            "They have no profiles.".to_owned()
        } else {
            format!("They have: {}.", known.join(", "))
        };
        refused(format!(
            "The AWS files have no profile named `{name}`, which {by} asks for. {known} Correct the name, or make the profile with\n\n    aws configure --profile {name}"
        ))
    }

    /// The profile that is used.
    pub(super) fn profile(&self) -> &str {
        &self.profile
    }

    /// Whether the profile signs on through IAM Identity Center.
    pub(super) fn signs_on(&self) -> bool {
        ["sso_session", "sso_start_url"].iter().any(|key| self.sections.get(key).is_some())
    }

    /// The files that profiles are in.
    pub(super) fn files(&self) -> EnvConfigFiles {
        self.files.clone()
    }

    /// An environment variable; an empty one counts as not set.
    pub(super) fn env(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Environment variables that start with the prefix, by the rest of their name.
    pub(super) fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
        let rest = move |(name, text): (&String, &String)| Some((name.strip_prefix(prefix)?.to_owned(), text.clone()));
        self.environment.iter().filter_map(rest)
    }

    /// A setting: of the block, of the first environment variable that is set, of the profile.
    pub(super) fn get(&self, of_block: Option<&String>, names: &[&str], key: &str) -> Option<String> {
        let is_set = |text: &&str| !text.is_empty();
        of_block
            .map(String::as_str)
            .filter(is_set)
            .or_else(|| names.iter().find_map(|name| self.env(name)))
            .or_else(|| self.sections.get(key).filter(is_set))
            .map(str::to_owned)
    }

    /// A switch.
    pub(super) fn flag(&self, of_block: Option<bool>, name: &str, key: &str) -> Result<bool, Error> {
        let of_block = of_block.map(|flag| flag.to_string());
        match self.get(of_block.as_ref(), &[name], key).map(|text| text.to_lowercase()).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => {
                Err(refused(format!("{name} (or `{key}` of the profile) is `{other}`. It must be true or false.")))
            }
        }
    }

    /// What clients ask for by service: their endpoints.
    pub(super) fn services(&self) -> Result<ServiceSettings, Error> {
        let ignores_endpoints =
            self.flag(None, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")?;
        Ok(ServiceSettings { env: self.env.clone(), sections: self.sections.clone(), ignores_endpoints })
    }
}

/// The files of the block, or the usual ones.
fn files(args: &ProviderArgs, home: Option<&str>) -> EnvConfigFiles {
    let at_home = |path: &String| match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    };
    let mut builder = EnvConfigFiles::builder();
    for path in &args.shared_config_files {
        builder = builder.with_file(EnvConfigFileKind::Config, at_home(path));
    }
    for path in &args.shared_credentials_files {
        builder = builder.with_file(EnvConfigFileKind::Credentials, at_home(path));
    }
    builder
        .include_default_config_file(args.shared_config_files.is_empty())
        .include_default_credentials_file(args.shared_credentials_files.is_empty())
        .build()
}

/// An error with its causes, without saying anything twice or what says nothing.
pub(super) fn in_full(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said = String::new();
    for text in std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string) {
        let text = text.trim_end_matches('.');
        if !said.contains(text) && text != "an error occurred while loading credentials" {
            said = if said.is_empty() { text.to_owned() } else { format!("{said}: {text}") };
        }
    }
    said
}

/// Settings by service, for the clients.
#[derive(Debug)]
pub(super) struct ServiceSettings {
    env: Env,
    sections: EnvConfigSections,
    ignores_endpoints: bool,
}

impl LoadServiceConfig for ServiceSettings {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if self.ignores_endpoints && key.env() == "AWS_ENDPOINT_URL" {
            return None;
        }
        let value = EnvConfigValue::new().env(key.env()).profile(key.profile()).service_id(key.service_id());
        value.load(&self.env, Some(&self.sections)).map(|(value, _)| value.into_owned())
    }
}
