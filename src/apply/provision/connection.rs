//! `connection` blocks: what they say, with everything they leave out.
//!
//! <https://developer.hashicorp.com/terraform/language/resources/provisioners/connection>

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::ssh_key::{Certificate, PublicKey};
use russh::keys::{PrivateKey, decode_secret_key};

use super::Failure;
use crate::resource::attr::duration;
use crate::resource::provisioner::{Connection, misfit};

const TIMEOUT: Duration = Duration::from_secs(300);

/// How a machine is reached. Holds secrets: never shown.
pub(super) struct Reach {
    /// The machine.
    pub target: Hop,
    /// A machine to jump over.
    pub bastion: Option<Hop>,
    /// A proxy in front of the first of them.
    pub proxy: Option<Proxy>,
    /// Socket of the SSH agent.
    pub agent: Option<PathBuf>,
    /// Key of the agent that is tried first.
    pub agent_identity: Option<String>,
    /// How long to try.
    pub timeout: Duration,
    /// Where scripts are put.
    pub script_path: String,
    /// Whether the machine runs Windows.
    pub is_windows: bool,
}

/// One machine and how to log in there.
pub(super) struct Hop {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: Option<String>,
    pub key: Option<LoginKey>,
    /// Its public key, or that of the authority that signed it; any will do when there is none.
    pub host_key: Option<PublicKey>,
}

/// A key to log in with.
pub(super) struct LoginKey {
    pub private: Arc<PrivateKey>,
    pub certificate: Option<Certificate>,
}

/// A proxy.
pub(super) struct Proxy {
    pub is_socks: bool,
    pub host: String,
    pub port: u16,
    pub user: Option<(String, String)>,
}

impl Reach {
    /// Reads the block; `environment` may name an SSH agent.
    ///
    /// # Errors
    /// An argument cannot be meant.
    pub(super) fn new(block: &Connection, environment: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let texts = [("type", &block.r#type), ("target_platform", &block.target_platform), ("timeout", &block.timeout)];
        for (argument, text) in texts {
            if let Some(why) = text.as_deref().and_then(|text| misfit(argument, text)) {
                return Err(Failure::plain(why));
            }
        }
        if block.host.is_empty() {
            return Err(Failure::plain("host for provisioner cannot be empty"));
        }
        let is_windows = given(block.target_platform.as_ref()) == Some("windows");
        let script = if is_windows { "C:/windows/temp/terraform_%RAND%.cmd" } else { "/tmp/terraform_%RAND%.sh" };
        let target = target(block)?;
        let bastion = bastion(block, &target)?;
        let agent = environment.get("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty()).map(PathBuf::from);
        if block.agent == Some(true) && agent.is_none() {
            return Err(Failure::plain(
                "The connection asks for the SSH agent, and none is running: SSH_AUTH_SOCK is not set.",
            ));
        }
        Ok(Self {
            target,
            bastion,
            proxy: proxy(block)?,
            agent: agent.filter(|_| block.agent != Some(false)),
            agent_identity: given(block.agent_identity.as_ref()).map(str::to_owned),
            timeout: timeout(block),
            script_path: given(block.script_path.as_ref()).unwrap_or(script).to_owned(),
            is_windows,
        })
    }

    /// The lines that tell how the machine is reached, without any secret.
    pub(super) fn describe(&self) -> Vec<String> {
        let hop = |hop: &Hop| {
            let key = hop.key.as_ref();
            [
                format!("  Host: {}", hop.host),
                format!("  User: {}", hop.user),
                format!("  Password: {}", hop.password.is_some()),
                format!("  Private key: {}", key.is_some()),
                format!("  Certificate: {}", key.is_some_and(|key| key.certificate.is_some())),
                format!("  SSH Agent: {}", self.agent.is_some()),
                format!("  Checking Host Key: {}", hop.host_key.is_some()),
            ]
        };
        let mut lines = vec!["Connecting to remote host via SSH...".to_owned()];
        lines.extend(hop(&self.target));
        lines.push(format!("  Target Platform: {}", if self.is_windows { "windows" } else { "unix" }));
        if let Some(bastion) = &self.bastion {
            lines.push("Using configured bastion host...".to_owned());
            lines.extend(hop(bastion));
        }
        if let Some(proxy) = &self.proxy {
            lines.push("Using configured proxy host...".to_owned());
            lines.push(format!("  ProxyHost: {}", proxy.host));
            lines.push(format!("  ProxyPort: {}", proxy.port));
            lines.push(format!("  ProxyUserName: {}", proxy.user.as_ref().map_or("", |(name, _)| name)));
            lines.push(format!("  ProxyUserPassword: {}", proxy.user.is_some()));
        }
        lines
    }
}

/// The text, unless it is empty.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

fn target(block: &Connection) -> Result<Hop, Failure> {
    Ok(Hop {
        host: bare(&block.host),
        port: port(block.port, "port")?.unwrap_or(22),
        user: given(block.user.as_ref()).unwrap_or("root").to_owned(),
        password: given(block.password.as_ref()).map(str::to_owned),
        key: login_key(given(block.private_key.as_ref()), given(block.certificate.as_ref()))?,
        host_key: host_key(given(block.host_key.as_ref()), "host_key")?,
    })
}

/// The machine to jump over: what is left out is as for the target.
fn bastion(block: &Connection, target: &Hop) -> Result<Option<Hop>, Failure> {
    let Some(host) = given(block.bastion_host.as_ref()) else { return Ok(None) };
    let private = given(block.bastion_private_key.as_ref()).or(given(block.private_key.as_ref()));
    let certificate = given(block.bastion_certificate.as_ref()).or(given(block.certificate.as_ref()));
    Ok(Some(Hop {
        host: bare(host),
        port: port(block.bastion_port, "bastion_port")?.unwrap_or(target.port),
        user: given(block.bastion_user.as_ref()).unwrap_or(&target.user).to_owned(),
        password: given(block.bastion_password.as_ref()).map(str::to_owned).or_else(|| target.password.clone()),
        key: login_key(private, certificate)?,
        host_key: host_key(given(block.bastion_host_key.as_ref()), "bastion_host_key")?,
    }))
}

fn proxy(block: &Connection) -> Result<Option<Proxy>, Failure> {
    let Some(host) = given(block.proxy_host.as_ref()) else { return Ok(None) };
    let is_socks = match given(block.proxy_scheme.as_ref()).unwrap_or("http") {
        // Terraform too speaks to an "https" proxy in plain HTTP.
        "http" | "https" => false,
        "socks5" => true,
        _ => return Err(Failure::plain("proxy_scheme has to be http, https or socks5")),
    };
    let user = given(block.proxy_user_name.as_ref()).map(str::to_owned);
    let user = user.map(|name| (name, block.proxy_user_password.clone().unwrap_or_default()));
    let port = port(block.proxy_port, "proxy_port")?;
    let port = port.ok_or_else(|| Failure::plain("proxy_port is needed beside proxy_host"))?;
    Ok(Some(Proxy { is_socks, host: bare(host), port, user }))
}

/// An IPv6 address without brackets.
fn bare(host: &str) -> String {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).to_owned()
}

/// A port; 0 counts as left out.
fn port(number: Option<i64>, name: &str) -> Result<Option<u16>, Failure> {
    let Some(number) = number.filter(|number| *number != 0) else { return Ok(None) };
    u16::try_from(number).map(Some).map_err(|_| Failure::plain(format!("{name} must be a number from 1 to 65535")))
}

fn timeout(block: &Connection) -> Duration {
    given(block.timeout.as_ref()).and_then(duration).unwrap_or(TIMEOUT)
}

fn login_key(private: Option<&str>, certificate: Option<&str>) -> Result<Option<LoginKey>, Failure> {
    let Some(private) = private else { return Ok(None) };
    let private = decode_secret_key(private, None).map_err(|error| match error {
        russh::keys::Error::KeyIsEncrypted => Failure::plain(
            "Failed to read ssh private key: password protected keys are not supported. Please decrypt the key prior to use.",
        ),
        other => Failure::plain(format!(
            "Failed to parse ssh private key: {other}. It must be the text of the key in OpenSSH or PEM form, such as file(\"~/.ssh/id_ed25519\"), not the path of a file."
        )),
    })?;
    if private.is_encrypted() {
        return Err(Failure::plain(
            "Failed to read ssh private key: password protected keys are not supported. Please decrypt the key prior to use.",
        ));
    }
    let parse = |text: &str| {
        Certificate::from_openssh(text.trim())
            .map_err(|error| Failure::plain(format!("failed to parse certificate: {error}")))
    };
    Ok(Some(LoginKey { private: Arc::new(private), certificate: certificate.map(parse).transpose()? }))
}

fn host_key(text: Option<&str>, name: &str) -> Result<Option<PublicKey>, Failure> {
    let Some(text) = text else { return Ok(None) };
    PublicKey::from_openssh(text.trim()).map(Some).map_err(|error| {
        Failure::plain(format!(
            "{name} is no public key: {error}. It looks like \"ssh-ed25519 AAAA...\", as in a known_hosts file without the name in front."
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Connection {
        Connection { host: "db.example".into(), ..Connection::default() }
    }

    fn reach(block: &Connection, environment: &[(&str, &str)]) -> Result<Reach, String> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Reach::new(block, &environment).map_err(|failure| match failure {
            Failure::Told { detail, .. } => detail,
            Failure::Stopped => String::new(),
        })
    }

    #[test]
    fn what_is_left_out() {
        let reach = reach(&block(), &[]).ok().unwrap();
        assert_eq!((reach.target.user.as_str(), reach.target.port), ("root", 22));
        assert_eq!((reach.timeout, reach.script_path.as_str()), (TIMEOUT, "/tmp/terraform_%RAND%.sh"));
        assert!(reach.bastion.is_none() && reach.proxy.is_none() && reach.agent.is_none());
    }

    #[test]
    fn a_bastion_is_like_the_target_where_nothing_else_is_said() {
        let block = Connection {
            user: Some("ubuntu".into()),
            port: Some(2222),
            bastion_host: Some("[2001:db8::1]".into()),
            bastion_user: Some("jump".into()),
            ..block()
        };
        let bastion = reach(&block, &[]).ok().unwrap().bastion.unwrap();
        assert_eq!((bastion.host.as_str(), bastion.port, bastion.user.as_str()), ("2001:db8::1", 2222, "jump"));
    }

    #[test]
    fn the_agent_is_used_when_there_is_one_and_nobody_objects() {
        let socket: &[_] = &[("SSH_AUTH_SOCK", "/run/agent")];
        let with = |agent| Connection { agent, ..block() };
        assert!(reach(&with(None), socket).is_ok_and(|reach| reach.agent.is_some()));
        assert!(reach(&with(Some(false)), socket).is_ok_and(|reach| reach.agent.is_none()));
        assert!(reach(&with(Some(true)), &[]).is_err_and(|why| why.contains("SSH_AUTH_SOCK")));
    }

    #[test]
    fn what_cannot_be_meant() {
        let says = |block: Connection, text: &str| {
            let why = reach(&block, &[]).err().unwrap_or_default();
            assert!(why.contains(text), "{why}");
        };
        says(Connection { r#type: Some("winrm".into()), ..block() }, "connection type 'winrm' not supported");
        says(Connection { host: String::new(), ..block() }, "host for provisioner cannot be empty");
        says(Connection { port: Some(70_000), ..block() }, "port must be");
        says(Connection { timeout: Some("soon".into()), ..block() }, "timeout must be");
        says(Connection { private_key: Some("~/.ssh/id".into()), ..block() }, "not the path of a file");
        says(Connection { host_key: Some("x".into()), ..block() }, "host_key is no public key");
        says(Connection { proxy_host: Some("p".into()), ..block() }, "proxy_port is needed");
    }
}
