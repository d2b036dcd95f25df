//! HTTP(S) requests that are no AWS calls: module registries, archives, the `http` data source.
//!
//! [`Client::new`] takes [`Settings`], which `cli` fills from the environment ([`Settings::from_environment`]);
//! [`Client::send`] sends a [`Request`] and gives the [`Response`], whatever its status. It blocks: call it where waiting
//! is fine. TLS is rustls with ring, and trusts what the machine trusts, or a bundle of its own.

mod client;
mod proxy;
mod relay;
mod settings;
mod tls;
mod url;

use std::fmt;
use std::time::Duration;

pub use client::Client;
pub use settings::{Identity, Proxies, Settings};
pub use tls::trusted;
pub use url::{decode, encode, join, parts};

/// Bytes of a body, when a request does not say how many may come: 16 MiB.
pub const BODY_LIMIT: u64 = 16 << 20;
/// Redirects that are followed.
pub const REDIRECTS: u32 = 10;

/// What to ask.
#[derive(Clone)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// Starts with `http://` or `https://`.
    pub url: String,
    /// Names and values. Those named `Authorization` and `Cookie` are not sent to another host after a redirect.
    pub headers: Vec<(String, String)>,
    /// Sent along, if any.
    pub body: Option<Vec<u8>>,
    /// For the whole request, redirects included.
    pub timeout: Option<Duration>,
    /// The most bytes the answer's body may have.
    pub limit: u64,
    /// How many redirects are followed; with 0 a redirect is given back as the answer.
    pub redirects: u32,
}

impl Request {
    /// A plain GET with the default limits.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: "GET".to_owned(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout: Some(Duration::from_secs(300)),
            limit: BODY_LIMIT,
            redirects: REDIRECTS,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the most bytes the answer's body may have.
    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }
}

/// Header values may be secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("url", &shown(&self.url)).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Response {
    /// Such as 200.
    pub status: u16,
    /// Names in lower case, and values, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The whole body, unpacked.
    pub body: Vec<u8>,
    /// Where it came from, after redirects.
    pub url: String,
}

impl Response {
    /// The first header with this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// No answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What was asked, without credentials.
    pub url: String,
    /// What went wrong, as the end of a sentence.
    pub why: String,
    /// Whether trying again may help.
    pub may_pass: bool,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.why)
    }
}

impl std::error::Error for Error {}

/// The URL without user, password and query, which may be secrets.
pub fn shown(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    }
}
