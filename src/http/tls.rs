//! TLS: whom to trust.

use std::sync::Arc;

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::settings::Settings;

/// How TLS connections are made; the reason when a certificate or key cannot be read.
pub(super) fn config(settings: &Settings) -> Result<TlsConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .disable_verification(settings.is_insecure)
        .root_certs(RootCerts::Specific(Arc::new(roots(settings)?)));
    if let Some(identity) = &settings.identity {
        let chain = certificates(identity.certificate.as_bytes(), "the client certificate")?;
        let key = PrivateKey::from_pem(identity.key.as_bytes())
            .map_err(|_| "the private key of the client certificate is not PEM that can be read".to_owned())?;
        config = config.client_cert(Some(ClientCert::new_with_certs(&chain, key)));
    }
    Ok(config.build())
}

/// The certificates to trust, in DER; the reason when there are none.
///
/// # Errors
/// A bundle cannot be read, or the machine has no certificates.
pub fn trusted(settings: &Settings) -> Result<Vec<Vec<u8>>, String> {
    Ok(roots(settings)?.iter().map(|one| one.der().to_vec()).collect())
}

fn roots(settings: &Settings) -> Result<Vec<Certificate<'static>>, String> {
    if let Some(pem) = &settings.ca_pem {
        return certificates(pem.as_bytes(), "the certificate of the authority");
    }
    if let Some(path) = &settings.ca_bundle {
        let bytes = std::fs::read(path)
            .map_err(|error| format!("the certificates in {} cannot be read: {error}", path.display()))?;
        return certificates(&bytes, &format!("the file {}", path.display()));
    }
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        return Err(format!(
            "no certificates of authorities were found on this machine{why}. Name a file with them in SSL_CERT_FILE"
        ));
    }
    Ok(found.certs.iter().map(|one| Certificate::from_der(one).to_owned()).collect())
}

fn certificates(pem: &[u8], what: &str) -> Result<Vec<Certificate<'static>>, String> {
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(one) = item.map_err(|_| format!("{what} is not PEM that can be read"))? {
            found.push(one);
        }
    }
    if found.is_empty() { Err(format!("{what} holds no certificate in PEM")) } else { Ok(found) }
}
