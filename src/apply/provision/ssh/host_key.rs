//! Whether a machine is the one that is meant, and what it may ask of us.

use std::path::PathBuf;

use russh::Channel;
use russh::client::{ChannelOpenHandle, Handler, Msg, Session};
use russh::keys::ssh_key::certificate::CertType;
use russh::keys::ssh_key::{Certificate, HashAlg, PublicKey};
use russh::keys::{PublicKeyOrCertificate, ssh_key};

/// What we are to a machine.
pub(super) struct Client {
    /// The name that it was called by.
    pub host: String,
    /// Its key, or that of an authority; any will do when there is none.
    pub host_key: Option<PublicKey>,
    /// Socket of the SSH agent, which it may use as long as we are connected.
    pub agent: Option<PathBuf>,
    /// Seconds since 1970.
    pub now: u64,
}

/// Why a machine is not talked to.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// Its key is not the one that is expected.
    #[error(
        "its key {0} is not the expected one. Either somebody else answers in its place, or the key given for it is out of date"
    )]
    Key(String),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] russh::Error),
}

impl Handler for Client {
    type Error = Refusal;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Refusal> {
        let Some(expected) = &self.host_key else { return Ok(true) };
        let is_expected = match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.key_data() == expected.key_data(),
            PublicKeyOrCertificate::Certificate(certificate) => {
                certificate.public_key() == expected.key_data()
                    || is_signed(certificate, expected, &self.host, self.now)
            }
        };
        if is_expected {
            return Ok(true);
        }
        Err(Refusal::Key(shown.public_key().fingerprint(HashAlg::Sha256).to_string()))
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Refusal> {
        let Some(socket) = self.agent.clone() else { return Ok(()) };
        reply.accept().await;
        tokio::spawn(async move {
            if let Ok(mut agent) = tokio::net::UnixStream::connect(socket).await {
                // Ends when either side is done; nobody waits for it.
                drop(tokio::io::copy_bidirectional(&mut channel.into_stream(), &mut agent).await);
            }
        });
        Ok(())
    }
}

/// Whether the authority vouches for this machine now.
fn is_signed(certificate: &Certificate, authority: &PublicKey, host: &str, now: u64) -> bool {
    let names = certificate.valid_principals();
    let fingerprint: ssh_key::Fingerprint = authority.fingerprint(HashAlg::Sha256);
    certificate.cert_type() == CertType::Host
        && certificate.critical_options().is_empty()
        && (names.is_empty() || names.iter().any(|name| name == host))
        && certificate.validate_at(now, [&fingerprint]).is_ok()
}
