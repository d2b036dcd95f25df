//! The data source `tls_certificate`: the certificates that a server shows, or that a text holds.
//!
//! <https://registry.terraform.io/providers/hashicorp/tls/latest/docs/data-sources/certificate>

use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::described::{Described, describe};
use super::failed;
use crate::builtin::hashes::sha1;
use crate::builtin::source::{Source, blocking};
use crate::http::{Settings, trusted};
use crate::model;
use crate::resource::{Draft, Error, Problems, Surroundings};

/// For making the connection and for the handshake.
const PATIENCE: Duration = Duration::from_secs(30);

model! {
    /// The certificates that a server shows, or that a text holds.
    pub struct Args {
        /// The certificates; those of a server with the one nearest to the root first, those of a text in its order.
        certificates: Option<Vec<Described>> = computed(),
        /// Certificates in PEM, to describe instead of asking a server.
        content: Option<String> = optional().exactly_one_of(&["content", "url"]),
        /// SHA-1 of the certificates, hexadecimal.
        id: Option<String> = computed(),
        /// Server to ask, such as `https://example.com` or `tls://example.com:636`.
        url: Option<String> = optional(),
        /// Whether the certificates have to be trusted by this machine.
        verify_chain: Option<bool> = optional().default(Lit::Bool(true)),
    }
}

/// The data source.
pub struct TlsCertificate;

impl Source for TlsCertificate {
    type Model = Args;

    const TYPE: &'static str = "tls_certificate";

    fn check(want: &Draft, found: &mut Problems) {
        if let Some(Err(why)) = want.known(Args::url).map(|url| server(&url)) {
            found.at(Args::url, why);
        }
    }

    async fn read(around: &Surroundings, mut want: Args) -> Result<Args, Error> {
        let settings = Settings::from_environment(&around.environment, &around.agent);
        let (content, url, verifies) = (want.content.clone(), want.url.clone(), want.verify_chain != Some(false));
        let found = blocking(move || match (content, url) {
            (Some(content), _) => Certificate::load_pem_chain(content.as_bytes())
                .map_err(|error| failed("The content holds no certificates in PEM", error)),
            (None, Some(url)) => shown(&url, verifies, &settings),
            (None, None) => Err(failed("Nothing to describe", "give `url` or `content`")),
        });
        let described = found.await?.iter().map(describe).collect::<Result<Vec<_>, _>>()?;
        let all: String = described.iter().filter_map(|one| one.cert_pem.as_deref()).collect();
        want.id = Some(sha1(all.trim().as_bytes()));
        want.certificates = Some(described);
        Ok(want)
    }
}

/// Host and port that the URL names.
fn server(url: &str) -> Result<(String, u16), String> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let default = match scheme {
        "https" => Some(443),
        "tls" => None,
        _ => return Err(format!("\"{url}\" does not start with https:// or tls://.")),
    };
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit('@').next().unwrap_or_default();
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            let port = port.parse().map_err(|_| format!("\"{port}\" is not a port, a number from 1 to 65535."))?;
            (host, Some(port))
        }
        _ => (rest, default),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err(format!("\"{url}\" names no server."));
    }
    let missing = || format!("\"{url}\" names no port; with tls:// it has to, such as tls://{host}:636.");
    Ok((host.to_owned(), port.ok_or_else(missing)?))
}

/// The certificates that the server shows, the one nearest to the root first.
fn shown(url: &str, verifies: bool, settings: &Settings) -> Result<Vec<Certificate>, Error> {
    let (host, port) = server(url).map_err(|why| Error::local("read", why))?;
    let wrong = |why: &dyn std::fmt::Display| failed(&format!("The server {host}:{port} shows no certificates"), why);
    let name = ServerName::try_from(host.clone()).map_err(|error| wrong(&error))?;
    let mut connection =
        ClientConnection::new(Arc::new(config(verifies, settings)?), name).map_err(|error| wrong(&error))?;
    let address = (host.as_str(), port).to_socket_addrs().map_err(|error| wrong(&error))?.next();
    let address = address.ok_or_else(|| wrong(&"the name has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|error| wrong(&error))?;
    stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
        .map_err(|error| wrong(&error))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|error| wrong(&error))?;
    }
    let chain = connection.peer_certificates().unwrap_or_default().iter().rev();
    chain.map(|one| Certificate::from_der(one).map_err(|error| wrong(&error))).collect()
}

fn config(verifies: bool, settings: &Settings) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| failed("TLS cannot be used", error))?;
    if !verifies {
        let anything = Arc::new(Anything(provider));
        return Ok(config.dangerous().with_custom_certificate_verifier(anything).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    let trusted = trusted(settings).map_err(|why| failed("No certificate can be verified", why))?;
    roots.add_parsable_certificates(trusted.into_iter().map(CertificateDer::from));
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Takes any certificate: the stack file asked for it with `verify_chain = false`.
#[derive(Debug)]
struct Anything(Arc<CryptoProvider>);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers() {
        assert_eq!(server("https://example.com/path"), Ok(("example.com".into(), 443)));
        assert_eq!(server("tls://[::1]:636"), Ok(("::1".into(), 636)));
        assert_eq!(server("https://u:p@h:8443?x"), Ok(("h".into(), 8443)));
        assert!(server("tls://example.com").is_err_and(|why| why.contains("names no port")));
        assert!(server("http://example.com").is_err_and(|why| why.contains("does not start")));
        assert!(server("https://h:99999").is_err_and(|why| why.contains("not a port")));
    }
}
