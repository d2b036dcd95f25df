//! Tokens and passwords for hosts: `TF_TOKEN_…`, the CLI configuration of Terraform, its credentials helper, and `.netrc`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::settings_file;
use crate::diagnostic::{Report, Sources};

/// What hosts want to see.
#[derive(Clone, Default)]
pub struct Credentials {
    /// Bearer tokens by host.
    tokens: BTreeMap<String, String>,
    /// User and password by host; the empty host is every other.
    passwords: BTreeMap<String, (String, String)>,
    /// Knows tokens of other hosts.
    helper: Option<Helper>,
    /// Where helpers are, besides the search path.
    plugins: Option<PathBuf>,
    /// URLs of services by host.
    services: BTreeMap<String, BTreeMap<String, String>>,
}

/// Only the hosts: the rest is secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("tokens", &self.tokens.keys())
            .field("passwords", &self.passwords.keys())
            .field("services", &self.services)
            .finish_non_exhaustive()
    }
}

/// A program that knows tokens: `terraform-credentials-NAME`.
#[derive(Clone)]
pub(super) struct Helper {
    /// What stands behind `terraform-credentials-`.
    pub(super) name: String,
    /// Arguments before `get HOST`.
    pub(super) args: Vec<String>,
}

/// What a helper prints.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

/// Where tokens are stored in a home folder.
pub fn stored_in(home: &Path) -> PathBuf {
    home.join(".terraform.d/credentials.tfrc.json")
}

/// The variable that holds a host's token.
pub fn variable(host: &str) -> String {
    let name = host.split(':').next().unwrap_or_default();
    format!("TF_TOKEN_{}", name.replace('-', "__").replace('.', "_"))
}

/// Whether it can be the name of a host, with a port or without.
pub fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let is_label = |label: &str| {
        !label.is_empty() && !label.starts_with('-') && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    name.split('.').all(is_label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

impl Credentials {
    /// What the environment and the files in a home folder hold. A token in the environment counts more than one in a
    /// file.
    ///
    /// # Errors
    /// A file is not what it should be. The places in it can be shown, its text cannot.
    pub fn read(environment: &BTreeMap<String, String>, home: Option<&Path>) -> Result<Self, (Report, Sources)> {
        let found = settings_file::read(environment, home)?;
        let mut all = Self {
            tokens: found.tokens,
            helper: found.helper,
            services: found.services,
            plugins: home.map(|home| home.join(".terraform.d/plugins")),
            ..Self::default()
        };
        for (name, value) in environment {
            if let Some(host) = name.strip_prefix("TF_TOKEN_").filter(|_| !value.is_empty()) {
                // Terraform's spelling of host names as names of variables.
                let host = host.replace("__", "-").replace('_', ".").to_lowercase();
                all.tokens.insert(host, value.clone());
            }
        }
        let netrc =
            environment.get("NETRC").map(std::path::PathBuf::from).or_else(|| home.map(|home| home.join(".netrc")));
        if let Some(text) = netrc.and_then(|path| std::fs::read_to_string(path).ok()) {
            all.passwords = netrc_entries(&text);
        }
        Ok(all)
    }

    /// The token for a registry's host: a stored one, or the one that the helper knows.
    ///
    /// # Errors
    /// The helper cannot be run, or fails.
    pub fn token(&self, host: &str) -> Result<Option<String>, String> {
        let stored = self.tokens.get(&host.to_lowercase()).cloned();
        match (&self.helper, stored) {
            (_, Some(token)) => Ok(Some(token)),
            (Some(helper), None) => self.ask(helper, host),
            (None, None) => Ok(None),
        }
    }

    /// The URL of a service of a host, when the CLI configuration says where it is. A host that is described there is not
    /// asked, so that it has the services that stand there and no others.
    pub fn service(&self, host: &str, name: &str) -> Option<Option<&str>> {
        let services = self.services.get(&host.to_lowercase())?;
        Some(services.get(name).map(String::as_str))
    }

    /// Asks the helper: <https://developer.hashicorp.com/terraform/internals/credentials-helpers>.
    fn ask(&self, helper: &Helper, host: &str) -> Result<Option<String>, String> {
        let program = format!("terraform-credentials-{}", helper.name);
        if helper.name.contains(['/', '\\']) {
            return Err(format!("\"{}\" cannot be the name of a credentials helper", helper.name));
        }
        let own = self.plugins.iter().map(|folder| folder.join(&program)).find(|path| path.is_file());
        let mut command = Command::new(own.unwrap_or_else(|| PathBuf::from(&program)));
        let output = command.args(&helper.args).args(["get", host]).stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("the credentials helper {program} cannot be run: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("the credentials helper {program} fails: {}", said.trim().trim_end_matches('.')));
        }
        // What it printed may hold the token, so it is not repeated.
        let token: Token = serde_json::from_slice(&output.stdout)
            .map_err(|_| format!("the credentials helper {program} printed something else than JSON with a token"))?;
        Ok(token.token)
    }

    /// The value of an `Authorization` header for a host, from `.netrc`.
    pub fn basic(&self, host: &str) -> Option<String> {
        let host = host.to_lowercase();
        let (user, password) = self.passwords.get(&host).or_else(|| self.passwords.get(""))?;
        Some(basic(user, password))
    }
}

/// The value of an `Authorization` header for a user.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// `machine HOST login USER password WORD`, or `default` for every other host.
fn netrc_entries(text: &str) -> BTreeMap<String, (String, String)> {
    let mut all: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut words = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(str::split_whitespace);
    let mut host: Option<String> = None;
    while let Some(word) = words.next() {
        match word {
            "machine" => host = words.next().map(str::to_lowercase),
            "default" => host = Some(String::new()),
            "login" | "password" => {
                if let (Some(host), Some(value)) = (&host, words.next()) {
                    let entry = all.entry(host.clone()).or_default();
                    let slot = if word == "login" { &mut entry.0 } else { &mut entry.1 };
                    value.clone_into(slot);
                }
            }
            "account" | "macdef" => drop(words.next()),
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::files;

    #[test]
    fn tokens_and_passwords() {
        let home = tempfile::tempdir().expect("a folder");
        let file = home.path().join(".terraform.d/credentials.tfrc.json");
        let json =
            r#"{"credentials": {"App.Terraform.io": {"token": "one"}, "my-host.example.com": {"token": "two"}}}"#;
        files::write(&file, json.as_bytes()).expect("written");
        let netrc = "# a comment\nmachine a.com login me password h1dden\ndefault login you password other\n";
        files::write(&home.path().join(".netrc"), netrc.as_bytes()).expect("written");
        let environment = [("TF_TOKEN_my__host_example_com".to_owned(), "three".to_owned())].into();
        let all = Credentials::read(&environment, Some(home.path())).expect("credentials");
        assert_eq!(all.token("app.terraform.io"), Ok(Some("one".to_owned())));
        assert_eq!(all.token("my-host.example.com"), Ok(Some("three".to_owned())));
        assert_eq!(all.basic("a.com"), Some(basic("me", "h1dden")));
        assert_eq!(all.basic("b.com"), Some(basic("you", "other")));
        let shown = format!("{all:?}");
        assert!(shown.contains("app.terraform.io") && !shown.contains("one") && !shown.contains("h1dden"), "{shown}");
        files::write(&file, b"{").expect("written");
        assert!(Credentials::read(&BTreeMap::new(), Some(home.path())).is_err());
    }

    #[test]
    fn a_helper_and_services() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().expect("a folder");
        let settings = "credentials_helper \"x\" {\n  args = [\"-v\"]\n}\nhost \"h.com\" {\n  services = { \"modules.v1\" = \"https://m/\" }\n}\n";
        files::write(&home.path().join(".terraformrc"), settings.as_bytes()).expect("written");
        let helper = home.path().join(".terraform.d/plugins/terraform-credentials-x");
        let script = "#!/bin/sh\n[ \"$3\" = bad.com ] && { echo no >&2; exit 1; }\n[ \"$3\" = none.com ] && { echo '{}'; exit; }\necho \"{\\\"token\\\": \\\"$*\\\"}\"\n";
        files::write(&helper, script.as_bytes()).expect("written");
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).expect("runnable");
        let all = Credentials::read(&BTreeMap::new(), Some(home.path())).expect("credentials");
        assert_eq!(all.token("a.com"), Ok(Some("-v get a.com".to_owned())));
        assert_eq!(all.token("none.com"), Ok(None));
        assert!(all.token("bad.com").is_err_and(|why| why.ends_with("fails: no")));
        assert_eq!(all.service("H.com", "modules.v1"), Some(Some("https://m/")));
        assert_eq!((all.service("h.com", "login.v1"), all.service("i.com", "modules.v1")), (Some(None), None));
    }

    #[test]
    fn hosts_and_variables() {
        assert!(
            is_host("app.terraform.io") && is_host("h:8443") && !is_host("-x") && !is_host("a/b") && !is_host("a:b")
        );
        assert_eq!(variable("my-host.example.com:8443"), "TF_TOKEN_my__host_example_com");
    }
}
