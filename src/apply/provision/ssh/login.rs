//! Logging in: with the key, the password, the keys of the agent, in this order.

use std::path::Path;

use russh::client::{Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::ssh_key::{Algorithm, HashAlg};
use russh::keys::{PrivateKeyWithHashAlg, PublicKey, decode_secret_key};
use tokio::net::UnixStream;

use super::host_key::Client;
use crate::apply::provision::connection::{Hop, LoginKey};

/// Questions that a machine may ask in one login.
const MOST_QUESTIONS: usize = 10;

/// The agent, and which of its keys goes first.
#[derive(Clone, Copy)]
pub(super) struct Agent<'a> {
    pub socket: &'a Path,
    pub identity: Option<&'a str>,
}

/// Logs in; whether it worked.
pub(super) async fn login(
    handle: &mut Handle<Client>,
    hop: &Hop,
    agent: Option<Agent<'_>>,
) -> Result<bool, russh::Error> {
    if let Some(key) = &hop.key
        && with_key(handle, hop, key).await?
    {
        return Ok(true);
    }
    if let Some(password) = &hop.password {
        if handle.authenticate_password(&hop.user, password).await?.success() {
            return Ok(true);
        }
        if with_questions(handle, hop, password).await? {
            return Ok(true);
        }
    }
    if let Some(agent) = agent
        && with_agent(handle, hop, agent).await?
    {
        return Ok(true);
    }
    // A machine that lets everybody in says so when asked with nothing.
    let has_means = hop.key.is_some() || hop.password.is_some() || agent.is_some();
    Ok(!has_means && handle.authenticate_none(&hop.user).await?.success())
}

async fn with_key(handle: &mut Handle<Client>, hop: &Hop, key: &LoginKey) -> Result<bool, russh::Error> {
    if let Some(certificate) = &key.certificate {
        let answer = handle.authenticate_openssh_cert(&hop.user, key.private.clone(), certificate.clone()).await?;
        return Ok(answer.success());
    }
    let hash = hash(handle, &key.private.algorithm()).await?;
    let key = PrivateKeyWithHashAlg::new(key.private.clone(), hash);
    Ok(handle.authenticate_publickey(&hop.user, key).await?.success())
}

/// How an RSA key signs: the best way that the machine knows.
async fn hash(handle: &Handle<Client>, algorithm: &Algorithm) -> Result<Option<HashAlg>, russh::Error> {
    if !matches!(algorithm, Algorithm::Rsa { .. }) {
        return Ok(None);
    }
    Ok(handle.best_supported_rsa_hash().await?.flatten())
}

/// Answers whatever the machine asks with the password.
async fn with_questions(handle: &mut Handle<Client>, hop: &Hop, password: &str) -> Result<bool, russh::Error> {
    let mut answer = handle.authenticate_keyboard_interactive_start(&hop.user, None).await?;
    for _ in 0..MOST_QUESTIONS {
        match answer {
            KeyboardInteractiveAuthResponse::Success => return Ok(true),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                let answers = vec![password.to_owned(); prompts.len()];
                answer = handle.authenticate_keyboard_interactive_respond(answers).await?;
            }
        }
    }
    Ok(false)
}

/// Tries the keys of the agent. An agent that does not answer has none.
async fn with_agent(handle: &mut Handle<Client>, hop: &Hop, agent: Agent<'_>) -> Result<bool, russh::Error> {
    let Ok(stream) = UnixStream::connect(agent.socket).await else { return Ok(false) };
    let mut client = AgentClient::connect(stream);
    let Ok(mut identities) = client.request_identities().await else { return Ok(false) };
    if let Some(wanted) = agent.identity {
        let key = identity_key(wanted);
        identities.sort_by_key(|identity| rank(identity, wanted, key.as_ref()));
    }
    for identity in identities {
        let answer = match identity {
            AgentIdentity::PublicKey { key, .. } => {
                let hash = hash(handle, &key.algorithm()).await?;
                handle.authenticate_publickey_with(&hop.user, key, hash, &mut client).await
            }
            AgentIdentity::Certificate { certificate, .. } => {
                let hash = hash(handle, &certificate.algorithm()).await?;
                handle.authenticate_certificate_with(&hop.user, certificate, hash, &mut client).await
            }
        };
        // A key that the agent does not sign with is passed over.
        if answer.is_ok_and(|answer| answer.success()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The public key of an identity that is named by a file.
fn identity_key(wanted: &str) -> Option<PublicKey> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let private = read(wanted).and_then(|text| decode_secret_key(&text, None).ok());
    let public = || {
        let text = read(&format!("{wanted}.pub")).or_else(|| read(wanted))?;
        PublicKey::from_openssh(text.trim()).ok()
    };
    private.map(|key| key.public_key().clone()).or_else(public)
}

/// The wanted key first, then those whose comment ends like it.
fn rank(identity: &AgentIdentity, wanted: &str, key: Option<&PublicKey>) -> u8 {
    let (data, comment) = match identity {
        AgentIdentity::PublicKey { key, comment } => (key.key_data(), comment),
        AgentIdentity::Certificate { certificate, comment } => (certificate.public_key(), comment),
    };
    if key.is_some_and(|key| key.key_data() == data) || comment == wanted {
        0
    } else if comment.ends_with(wanted) {
        1
    } else {
        2
    }
}
