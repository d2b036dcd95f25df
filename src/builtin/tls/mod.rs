//! `tls_*`: keys, certificates and certificate requests, made here and kept in state.
//!
//! <https://registry.terraform.io/providers/hashicorp/tls/latest/docs>

pub mod cert_request;
mod certificate;
mod described;
pub mod ephemeral_private_key;
mod key;
pub mod live;
pub mod locally_signed_cert;
pub mod private_key;
mod random;
pub mod self_signed_cert;
mod ssh;
mod subject;
mod validity;

use std::sync::Arc;

use super::{ephemeral, local, source};
use crate::resource::{AnyEphemeral, AnyResource, AnySource, Error};

/// The types.
pub(super) fn resources() -> Vec<Arc<dyn AnyResource>> {
    vec![
        local::Erased::<cert_request::TlsCertRequest>::boxed(),
        local::Erased::<locally_signed_cert::TlsLocallySignedCert>::boxed(),
        local::Erased::<private_key::TlsPrivateKey>::boxed(),
        local::Erased::<self_signed_cert::TlsSelfSignedCert>::boxed(),
    ]
}

/// Ephemeral resources.
pub(super) fn ephemerals() -> Vec<Arc<dyn AnyEphemeral>> {
    vec![ephemeral::Erased::<ephemeral_private_key::TlsPrivateKey>::boxed()]
}

/// The data sources.
pub(super) fn sources() -> Vec<Arc<dyn AnySource>> {
    vec![source::Erased::<live::TlsCertificate>::boxed()]
}

/// A failure of a library that says nothing secret.
fn failed(what: &str, error: impl std::fmt::Display) -> Error {
    Error::local("create", format!("{what}: {error}."))
}
