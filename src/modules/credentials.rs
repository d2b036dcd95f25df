//! Tokens and passwords for hosts: `TF_TOKEN_…`, `credentials.tfrc.json` and `.netrc`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::diagnostic::Diagnostic;

/// What hosts want to see.
#[derive(Clone, Default)]
pub struct Credentials {
    /// Bearer tokens by host.
    tokens: BTreeMap<String, String>,
    /// User and password by host; the empty host is every other.
    passwords: BTreeMap<String, (String, String)>,
}

/// Only the hosts: the rest is secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("tokens", &self.tokens.keys())
            .field("passwords", &self.passwords.keys())
            .finish()
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    credentials: BTreeMap<String, Token>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

impl Credentials {
    /// What the environment and the files in a home folder hold. A token in the environment counts more than one in a
    /// file.
    ///
    /// # Errors
    /// `~/.terraform.d/credentials.tfrc.json` is not what it should be.
    pub fn read(environment: &BTreeMap<String, String>, home: Option<&Path>) -> Result<Self, Diagnostic> {
        let mut all = Self::default();
        if let Some(path) = home.map(|home| home.join(".terraform.d/credentials.tfrc.json"))
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            let file: File = serde_json::from_str(&text).map_err(|error| {
                let text = format!(
                    "The file {} is not JSON of the form {{\"credentials\": {{\"HOST\": {{\"token\": \"…\"}}}}}}: line {}, column {}.",
                    path.display(),
                    error.line(),
                    error.column()
                );
                Diagnostic::error("Invalid credentials file", text)
            })?;
            let tokens =
                file.credentials.into_iter().filter_map(|(host, token)| Some((host.to_lowercase(), token.token?)));
            all.tokens.extend(tokens);
        }
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

    /// The token for a registry's host.
    pub fn token(&self, host: &str) -> Option<&str> {
        self.tokens.get(&host.to_lowercase()).map(String::as_str)
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
        assert_eq!(all.token("app.terraform.io"), Some("one"));
        assert_eq!(all.token("my-host.example.com"), Some("three"));
        assert_eq!(all.basic("a.com"), Some(basic("me", "h1dden")));
        assert_eq!(all.basic("b.com"), Some(basic("you", "other")));
        let shown = format!("{all:?}");
        assert!(shown.contains("app.terraform.io") && !shown.contains("one") && !shown.contains("h1dden"), "{shown}");
        files::write(&file, b"{").expect("written");
        assert!(Credentials::read(&BTreeMap::new(), Some(home.path())).is_err());
    }
}
