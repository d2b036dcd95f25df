//! What requests need from outside.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How requests are sent.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What we call ourselves.
    pub agent: String,
    /// Which requests go through which proxy.
    pub proxies: Proxies,
    /// File with the certificates to trust instead of the machine's.
    pub ca_bundle: Option<PathBuf>,
    /// Certificates to trust in PEM, instead of the machine's.
    pub ca_pem: Option<String>,
    /// Who we are, for servers that ask for a certificate.
    pub identity: Option<Identity>,
    /// Takes any certificate. Only for who asks for it in so many words.
    pub is_insecure: bool,
    /// For making a connection.
    pub connect_timeout: Duration,
}

/// A client certificate with its key, in PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate, and those between it and the authority.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(sensitive)")
    }
}

/// Proxies by the scheme of what is asked.
#[derive(Clone, Default)]
pub struct Proxies {
    /// For `http://`.
    pub http: Option<String>,
    /// For `https://`.
    pub https: Option<String>,
    /// What is asked without a proxy: hosts, `.domains`, addresses and networks, with or without a port; `*` is everything.
    pub never: Vec<String>,
}

/// A proxy's URL may hold a password.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |url: &Option<String>| url.as_deref().map(super::shown);
        f.debug_struct("Proxies")
            .field("http", &shown(&self.http))
            .field("https", &shown(&self.https))
            .field("never", &self.never)
            .finish()
    }
}

impl Settings {
    /// What the variables of an environment say: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` in either case, and
    /// `SSL_CERT_FILE`.
    pub fn from_environment(environment: &BTreeMap<String, String>, agent: &str) -> Self {
        let get = |name: &str| {
            let found = environment.get(name).or_else(|| environment.get(&name.to_lowercase()));
            found.filter(|value| !value.is_empty()).cloned()
        };
        // In a CGI program a caller could choose HTTP_PROXY by sending the header `Proxy`.
        let http = if environment.contains_key("REQUEST_METHOD") { None } else { get("HTTP_PROXY") };
        let never = get("NO_PROXY").unwrap_or_default();
        let never = never.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_lowercase).collect();
        Self {
            agent: agent.to_owned(),
            proxies: Proxies { http, https: get("HTTPS_PROXY"), never },
            ca_bundle: get("SSL_CERT_FILE").map(PathBuf::from),
            ca_pem: None,
            identity: None,
            is_insecure: false,
            connect_timeout: Duration::from_secs(30),
        }
    }
}
