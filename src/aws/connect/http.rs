//! One HTTP client for all calls: connections are shared between services, proxies are honoured, and certificates
//! are read when the first call over TLS is made (reading them takes milliseconds).
//!
//! Connecting is repeated here, briefly, and nowhere else: whoever refuses a connection or has no address will not
//! have one a minute later, and the person should hear of it in seconds. Calls that got through and failed are the
//! SDK's to repeat, making calls the engine's.

use std::io::ErrorKind;
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::refused;
use super::settings::Settings;
use crate::aws::provider::ProviderArgs;
use crate::clock::Clock;
use crate::resource::Error;

/// Never asked through a proxy: this machine, and the metadata services of EC2 and ECS.
const NEARBY: &str = "localhost,127.0.0.0/8,::1,169.254.0.0/16,fd00:ec2::254,fd00:ec2::23";

/// What addresses of the metadata services of EC2 and ECS begin with.
const METADATA: [&str; 2] = ["http://169.254.", "http://[fd00:ec2:"];

/// Pauses before connecting again.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1200)];

/// The HTTP client for a provider block.
pub(super) async fn client(args: &ProviderArgs, settings: &Settings, clock: &Clock) -> Result<SharedHttpClient, Error> {
    let http = proxy_setting(args.http_proxy.as_ref(), settings, ["HTTP_PROXY", "http_proxy"]);
    let https = match &args.https_proxy {
        Some(https) => Some(https.clone()),
        // As in hashicorp/aws: the block's `http_proxy` alone is meant for both.
        None if args.http_proxy.is_some() => http.clone(),
        None => proxy_setting(None, settings, ["HTTPS_PROXY", "https_proxy"]),
    };
    let direct = args.no_proxy.as_deref().or_else(|| settings.env("NO_PROXY")).or_else(|| settings.env("no_proxy"));
    let direct = direct.map_or_else(|| NEARBY.to_owned(), |hosts| format!("{hosts},{NEARBY}"));

    let bundle = settings.get(args.custom_ca_bundle.as_ref(), &["AWS_CA_BUNDLE"], "ca_bundle");
    let trust = match bundle {
        None => TrustStore::default(),
        Some(path) => TrustStore::empty().with_pem_certificate(certificates(&path).await?),
    };
    let tls = TlsContext::builder().with_trust_store(trust).build().map_err(|error| refused(error.to_string()))?;

    let needs_tls = http.as_deref().is_some_and(|url| url.starts_with("https://"));
    let plain = over(proxy(http.as_deref(), &direct)?, needs_tls.then(|| tls.clone()));
    let secure = over(proxy(https.as_deref(), &direct)?, Some(tls));
    let clock = clock.clone();
    Ok(http_client_fn(move |settings, components| {
        let (plain, secure, clock) = (plain.clone(), secure.clone(), clock.clone());
        let (settings, components) = (settings.clone(), components.clone());
        SharedHttpConnector::new(ByScheme { plain, secure, settings, components, clock })
    }))
}

/// Calls with one client or the other. Neither does anything before it is first used.
#[derive(Debug)]
struct ByScheme {
    plain: SharedHttpClient,
    secure: SharedHttpClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
    clock: Clock,
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = if request.uri().starts_with("http://") { &self.plain } else { &self.secure };
        let connector = client.http_connector(&self.settings, &self.components);
        HttpConnectorFuture::new(connect(connector, request, self.clock.clone()))
    }
}

/// Makes the call; repeats it while there is no connection. In the end the error is one that nobody repeats.
async fn connect(
    connector: SharedHttpConnector,
    mut request: HttpRequest,
    clock: Clock,
) -> Result<HttpResponse, ConnectorError> {
    // Metadata services answer at once or are not there, and their client has tries of its own.
    if METADATA.iter().any(|start| request.uri().starts_with(start)) {
        return connector.call(request).await;
    }
    for pause in PAUSES {
        let Some(again) = request.try_clone() else { break };
        match connector.call(request).await {
            Err(error) if never_connected(&error) => clock.sleep(pause).await,
            other => return other,
        }
        request = again;
    }
    let made = connector.call(request).await;
    made.map_err(|error| if never_connected(&error) { ConnectorError::user(error.into()) } else { error })
}

/// Whether nothing can have been sent: the address was not found, or nobody took the connection.
fn never_connected(error: &ConnectorError) -> bool {
    const REFUSED: [ErrorKind; 4] = [
        ErrorKind::ConnectionRefused,
        ErrorKind::HostUnreachable,
        ErrorKind::NetworkUnreachable,
        ErrorKind::AddrNotAvailable,
    ];
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source()).any(|error| {
        let io = error.downcast_ref::<std::io::Error>();
        let text = error.to_string();
        io.is_some_and(|io| REFUSED.contains(&io.kind()))
            // The connector's own words: it has no types for these.
            || ["dns error", "connect timeout"].iter().any(|words| text.contains(words))
    })
}

fn proxy_setting(of_block: Option<&String>, settings: &Settings, names: [&str; 2]) -> Option<String> {
    let of_environment = || names.into_iter().chain(["ALL_PROXY", "all_proxy"]).find_map(|name| settings.env(name));
    of_block.cloned().or_else(|| of_environment().map(str::to_owned))
}

fn proxy(url: Option<&str>, direct: &str) -> Result<ProxyConfig, Error> {
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(ProxyConfig::disabled()) };
    // Without scheme, as curl takes it.
    let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let proxy = ProxyConfig::all(full).map_err(|error| {
        refused(format!("The proxy `{}` cannot be used: {error}. Correct it in the provider block or in HTTP_PROXY and HTTPS_PROXY.", without_password(url)))
    })?;
    Ok(proxy.no_proxy(direct))
}

fn without_password(url: &str) -> &str {
    url.rsplit_once('@').map_or(url, |(_, host)| host)
}

/// The certificates of a bundle, checked here because the client would panic over a broken one.
async fn certificates(path: &str) -> Result<Vec<u8>, Error> {
    let unusable = |why: String| {
        refused(format!(
            "The certificates in {path} (`custom_ca_bundle`, AWS_CA_BUNDLE or `ca_bundle` of the profile) cannot be used: {why}."
        ))
    };
    let bytes = tokio::fs::read(path).await.map_err(|error| unusable(error.to_string()))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut rest = text.as_ref();
    let mut count = 0;
    while let Some((_, after)) = rest.split_once("-----BEGIN CERTIFICATE-----") {
        count += 1;
        let broken = || unusable(format!("certificate {count} in it is damaged"));
        let (body, after) = after.split_once("-----END CERTIFICATE-----").ok_or_else(broken)?;
        let body: String = body.split_whitespace().collect();
        let der = BASE64_STANDARD.decode(body).map_err(|_| broken())?;
        if der.first() != Some(&0x30) || der.len() < 64 {
            return Err(broken());
        }
        rest = after;
    }
    if count == 0 { Err(unusable("there are no PEM certificates in it".to_owned())) } else { Ok(bytes) }
}

/// A client that uses the proxy; without TLS when there is no context for it.
fn over(proxy: ProxyConfig, tls: Option<TlsContext>) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder = Connector::builder().proxy_config(proxy.clone());
        builder.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            builder.set_sleep_impl(components.sleep_impl());
        }
        match &tls {
            Some(tls) => builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls.clone()).build(),
            None => builder.build_http(),
        }
    })
}
