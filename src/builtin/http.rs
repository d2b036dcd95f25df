//! The data source `http`: the answer of a web server.
//!
//! <https://registry.terraform.io/providers/hashicorp/http/latest/docs/data-sources/http>

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::source::{self, Source, blocking, lossy};
use super::validate::{also_requires, conflicts};
use crate::http::{Client, Identity, Request, Response, Settings};
use crate::model;
use crate::resource::model::Single;
use crate::resource::{AnySource, Draft, Error, Problems, Surroundings};

model! {
    /// The answer of a web server.
    pub struct Args {
        /// The URL that was asked.
        id: Option<String> = computed(),
        /// The URL to ask; starts with `http://` or `https://`.
        url: String = required(),
        /// `GET` (also when left out), `HEAD` or `POST`.
        method: Option<String> = optional().one_of(&["GET", "POST", "HEAD"]),
        /// Names and values of headers to send.
        request_headers: Option<BTreeMap<String, String>> = optional(),
        /// What to send along.
        request_body: Option<String> = optional(),
        /// Milliseconds that one try may take; no limit when left out.
        request_timeout_ms: Option<i64> = optional().range(1, i64::MAX),
        /// What was answered, as text; what is not UTF-8 is replaced by U+FFFD.
        response_body: Option<String> = computed(),
        /// The same as `response_body`.
        body: Option<String> = computed().deprecated("use `response_body` instead."),
        /// What was answered, in base64.
        response_body_base64: Option<String> = computed(),
        /// Certificates to trust instead of the machine's, in PEM.
        ca_cert_pem: Option<String> = optional(),
        /// Certificate to show to the server, in PEM.
        client_cert_pem: Option<String> = optional(),
        /// Private key of `client_cert_pem`, in PEM.
        client_key_pem: Option<String> = optional(),
        /// Trust any server.
        insecure: Option<bool> = optional(),
        /// Headers of the answer; values of the same name are joined with commas.
        response_headers: Option<BTreeMap<String, String>> = computed(),
        /// The status of the answer, such as 200.
        status_code: Option<i64> = computed(),
        /// When to try again. Otherwise nothing is tried again.
        retry: Option<Single<Retry>> = optional(),
    }
}

model! {
    /// When to try again: after a failed connection, a status of 429, and one from 500 on except 501.
    pub struct Retry {
        /// How often to try again.
        attempts: Option<i64> = optional().range(0, i64::MAX),
        /// Milliseconds before the first new try, doubled before each other; 1000 when left out.
        min_delay_ms: Option<i64> = optional().range(0, i64::MAX),
        /// The most milliseconds before a new try; 30000 when left out.
        max_delay_ms: Option<i64> = optional().range(0, i64::MAX),
    }
}

/// The provider's headline for requests without a usable answer.
const FAILED: &str = "Error making request";

/// The data source.
pub struct Http;

impl Source for Http {
    type Model = Args;

    const TYPE: &'static str = "http";

    fn check(want: &Draft, found: &mut Problems) {
        conflicts(want, "ca_cert_pem", &["insecure"], found);
        also_requires(want, "client_cert_pem", "client_key_pem", found);
        also_requires(want, "client_key_pem", "client_cert_pem", found);
        let is_http = |url: &str| {
            crate::http::parts(url)
                .is_some_and(|(scheme, ..)| matches!(scheme.to_lowercase().as_str(), "http" | "https"))
        };
        if want.known(Args::url).is_some_and(|url| !is_http(&url)) {
            // The URL itself is not repeated: it may hold a password.
            let says = "This is no URL of a web server. It must start with `http://` or `https://` and name a host.";
            found.titled("Error creating request", "url", says);
        }
        if let Some(Single(retry)) = want.known(Args::retry)
            && let (Some(least), Some(most)) = (retry.min_delay_ms, retry.max_delay_ms)
            && most < least
        {
            let says = format!("`max_delay_ms` ({most}) is less than `min_delay_ms` ({least}).");
            found.titled("Invalid Attribute Value", "retry", says);
        }
    }

    async fn read(around: &Surroundings, want: Args) -> Result<Args, Error> {
        let client = Client::new(settings(around, &want));
        let request = request(&want);
        let retry = want.retry.clone().map(|Single(retry)| retry).unwrap_or_default();
        let response = patiently(around, &client, &request, &retry).await?;
        Ok(answered(want, &response))
    }
}

fn settings(around: &Surroundings, want: &Args) -> Settings {
    let identity = want.client_cert_pem.clone().zip(want.client_key_pem.clone());
    let mut settings = Settings::from_environment(&around.environment, &around.agent);
    settings.is_insecure = want.insecure == Some(true);
    settings.identity = identity.map(|(certificate, key)| Identity { certificate, key });
    if want.ca_cert_pem.is_some() {
        settings.ca_pem.clone_from(&want.ca_cert_pem);
    }
    settings
}

fn request(want: &Args) -> Request {
    let timeout = want.request_timeout_ms.and_then(|time| u64::try_from(time).ok());
    Request {
        method: want.method.clone().filter(|method| !method.is_empty()).unwrap_or_else(|| "GET".to_owned()),
        headers: want.request_headers.clone().unwrap_or_default().into_iter().collect(),
        body: want.request_body.clone().map(String::into_bytes),
        timeout: timeout.map(Duration::from_millis),
        limit: u64::MAX,
        ..Request::get(want.url.clone())
    }
}

/// Asks until there is a usable answer or the tries are used up.
async fn patiently(
    around: &Surroundings,
    client: &Client,
    request: &Request,
    retry: &Retry,
) -> Result<Response, Error> {
    let number =
        |value: Option<i64>, default: u64| value.map_or(default, |value| u64::try_from(value).unwrap_or_default());
    let (least, most) = (number(retry.min_delay_ms, 1000), number(retry.max_delay_ms, 30_000));
    let attempts = number(retry.attempts, 0);
    let mut tried = 0;
    loop {
        let (asker, asked) = (client.clone(), request.clone());
        let answer = blocking(move || Ok(asker.send(&asked))).await?;
        let (why, after) = match answer {
            Ok(response) if !is_passing(response.status) => return Ok(response),
            Ok(response) => (format!("the status is {}", response.status), wait_of(&response)),
            Err(error) if !error.may_pass => return Err(Error::titled(FAILED, format!("{error}."))),
            Err(error) => (error.why, None),
        };
        if tried >= attempts {
            let url = crate::http::shown(&request.url);
            let text = format!("{} {url} giving up after {} attempt(s): {why}.", request.method, tried + 1);
            return Err(Error::titled(FAILED, text));
        }
        let doubled =
            least.saturating_mul(1_u64.checked_shl(u32::try_from(tried).unwrap_or(u32::MAX)).unwrap_or(u64::MAX));
        around.clock.sleep(after.unwrap_or(Duration::from_millis(doubled.min(most)))).await;
        tried += 1;
    }
}

/// Whether another try may bring another status.
fn is_passing(status: u16) -> bool {
    status == 429 || (status >= 500 && status != 501)
}

/// How long the server asks to wait.
fn wait_of(response: &Response) -> Option<Duration> {
    let seconds = response.header("retry-after").filter(|_| matches!(response.status, 429 | 503))?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

fn answered(want: Args, response: &Response) -> Args {
    let body = lossy(&response.body);
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &response.headers {
        headers
            .entry(canonical(name))
            .and_modify(|all| *all = format!("{all}, {value}"))
            .or_insert_with(|| value.clone());
    }
    Args {
        id: Some(want.url.clone()),
        response_body: Some(body.clone()),
        body: Some(body),
        response_body_base64: Some(BASE64_STANDARD.encode(&response.body)),
        response_headers: Some(headers),
        status_code: Some(i64::from(response.status)),
        ..want
    }
}

/// The name as Go writes it: `Content-Type`.
fn canonical(name: &str) -> String {
    let part = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

/// The data sources.
pub(super) fn sources() -> Vec<Arc<dyn AnySource>> {
    vec![source::Erased::<Http>::boxed()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_headers() {
        assert_eq!(["content-type", "ETAG", "x--y"].map(canonical), ["Content-Type", "Etag", "X--Y"]);
    }

    #[test]
    fn statuses_that_may_pass() {
        assert_eq!([200, 404, 429, 500, 501, 503].map(is_passing), [false, false, true, true, false, true]);
    }
}
