//! Module registries: <https://developer.hashicorp.com/terraform/internals/module-registry-protocol>.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Outside;
use super::credentials::variable;
use crate::http::{self, Request, Response};
use crate::lang::source::RegistryModule;
use crate::lang::version::Version;

/// Why a registry did not help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The module, or the version, is not there.
    NotFound,
    /// Anything else, as a sentence without its full stop.
    Other(String),
}

/// Asks registries; remembers where their services are.
#[derive(Debug, Default)]
pub(super) struct Registries {
    services: BTreeMap<String, String>,
    versions: BTreeMap<RegistryModule, Vec<Version>>,
}

#[derive(Deserialize)]
struct Versions {
    modules: Vec<ModuleVersions>,
}

#[derive(Deserialize)]
struct ModuleVersions {
    #[serde(default)]
    versions: Vec<OneVersion>,
}

#[derive(Deserialize)]
struct OneVersion {
    version: String,
}

#[derive(Deserialize)]
struct Download {
    location: Option<String>,
}

impl Registries {
    /// All versions of a module, as the registry lists them.
    pub(super) fn versions(&mut self, module: &RegistryModule, outside: &Outside) -> Result<Vec<Version>, Problem> {
        if let Some(known) = self.versions.get(module) {
            return Ok(known.clone());
        }
        let answer = self.ask(module, "versions", outside)?;
        let list: Versions = serde_json::from_slice(&answer.body)
            .map_err(|error| Problem::Other(format!("its list of versions cannot be read: {error}")))?;
        let listed = list.modules.into_iter().next().map(|module| module.versions).unwrap_or_default();
        // A registry may list what is no version; nobody can ask for it then.
        let versions: Vec<Version> = listed.iter().filter_map(|one| one.version.parse().ok()).collect();
        self.versions.insert(module.clone(), versions.clone());
        Ok(versions)
    }

    /// The address of the package of one version.
    pub(super) fn location(
        &mut self,
        module: &RegistryModule,
        version: &Version,
        outside: &Outside,
    ) -> Result<String, Problem> {
        let answer = self.ask(module, &format!("{}/download", http::encode(&version.to_string())), outside)?;
        let in_body = || serde_json::from_slice::<Download>(&answer.body).ok().and_then(|body| body.location);
        let address =
            answer.header("X-Terraform-Get").map(str::to_owned).filter(|address| !address.is_empty()).or_else(in_body);
        let address = address.ok_or_else(|| Problem::Other("it does not say where the package is".to_owned()))?;
        let is_relative = ["/", "./", "../"].iter().any(|start| address.starts_with(start));
        Ok(if is_relative { http::join(&answer.url, &address) } else { address })
    }

    fn ask(&mut self, module: &RegistryModule, what: &str, outside: &Outside) -> Result<Response, Problem> {
        let base = self.service(&module.host, outside)?;
        let path = [&module.namespace, &module.name, &module.system].map(|part| http::encode(part)).join("/");
        let url = http::join(&base, &format!("{path}/{what}"));
        let answer = get(&url, &module.host, outside)?;
        match answer.status {
            200..=299 => Ok(answer),
            404 => Err(Problem::NotFound),
            401 | 403 => Err(Problem::Other(format!(
                "it refuses with status {}: the token for {} is missing or not good enough. Give one in {}",
                answer.status,
                module.host,
                variable(&module.host)
            ))),
            status => Err(Problem::Other(format!("{} answers with status {status}", http::shown(&url)))),
        }
    }

    /// The URL of a host's module service: what `/.well-known/terraform.json` says.
    fn service(&mut self, host: &str, outside: &Outside) -> Result<String, Problem> {
        if let Some(known) = self.services.get(host) {
            return Ok(known.clone());
        }
        if let Some(configured) = outside.credentials.service(host, "modules.v1") {
            let Some(url) = configured else {
                let why = format!("the CLI configuration describes {host} without a registry of modules (modules.v1)");
                return Err(Problem::Other(why));
            };
            let slash = if url.ends_with('/') { "" } else { "/" };
            return Ok(http::join(&format!("https://{host}/"), &format!("{url}{slash}")));
        }
        let url = format!("https://{host}/.well-known/terraform.json");
        let answer = get(&url, host, outside)?;
        if !answer.is_success() {
            return Err(Problem::Other(format!(
                "{url} answers with status {}: the host has no registry",
                answer.status
            )));
        }
        let services: serde_json::Value = serde_json::from_slice(&answer.body)
            .map_err(|error| Problem::Other(format!("{url} is not JSON: {error}")))?;
        let Some(service) = services.get("modules.v1").and_then(serde_json::Value::as_str) else {
            return Err(Problem::Other(format!("{host} has no registry of modules (modules.v1)")));
        };
        let mut service = http::join(&answer.url, service);
        if !service.starts_with("https://") && !service.starts_with("http://") {
            return Err(Problem::Other(format!(
                "{host} says that its registry is at {}, which is no URL",
                http::shown(&service)
            )));
        }
        if !service.ends_with('/') {
            service.push('/');
        }
        self.services.insert(host.to_owned(), service.clone());
        Ok(service)
    }
}

fn get(url: &str, host: &str, outside: &Outside) -> Result<Response, Problem> {
    let mut request = Request::get(url);
    // The token is for the host that the stack names, not for where a host sends us in clear text.
    let is_safe = url.starts_with("https://");
    if let Some(token) = if is_safe { outside.credentials.token(host).map_err(Problem::Other)? } else { None } {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    outside.client.send(&request).map_err(|error| Problem::Other(error.to_string()))
}
