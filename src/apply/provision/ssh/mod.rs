//! An SSH connection to a machine: commands and files.

mod host_key;
mod login;
mod proxy;
pub(super) mod scp;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{Config, Handle, Msg, connect_stream};
use russh::keys::ssh_key::{Algorithm, EcdsaCurve, HashAlg};
use russh::{Channel, ChannelMsg, Preferred, Pty};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use self::host_key::{Client, Refusal};
use self::login::{Agent, login};
use super::connection::{Hop, Reach};
use super::lines::Lines;
use super::{Failure, Site};
use crate::diagnostic::shell_word;

/// How long one machine may take to answer.
const ANSWER: Duration = Duration::from_secs(30);
/// Wait after the first failed attempt; each further one takes twice as long, up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How often a silent machine is asked whether it is still there, and how many times it may fail to answer.
const KEEPALIVE: Duration = Duration::from_secs(15);
const MOST_MISSED: usize = 8;

/// A machine that we are logged in at.
pub(super) struct Machine {
    handle: Handle<Client>,
    /// Kept: the connection goes through it.
    _bastion: Option<Handle<Client>>,
    is_windows: bool,
}

/// Why one attempt to connect failed.
enum Miss {
    /// It may work later.
    Later(String),
    /// It will never work.
    Never(String),
}

impl From<Refusal> for Miss {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Key(_) => Self::Never(refusal.to_string()),
            Refusal::Other(error) => Self::Later(error.to_string()),
        }
    }
}

impl From<russh::Error> for Miss {
    fn from(error: russh::Error) -> Self {
        Self::Later(error.to_string())
    }
}

/// Connects and logs in, again and again until the time is up: a new machine is not there at once.
pub(super) async fn connect(site: &Site<'_>, reach: &Reach, is_told: bool) -> Result<Machine, Failure> {
    let clock = &site.job.around.clock;
    let (start, mut wait) = (clock.steady(), FIRST_WAIT);
    loop {
        if is_told {
            reach.describe().iter().for_each(|line| site.say(line));
        }
        let last = match attempt(reach, clock.now().as_secs()).await {
            Ok(machine) => {
                if is_told {
                    site.say("Connected!");
                }
                return Ok(machine);
            }
            Err(Miss::Never(why)) => {
                let detail = format!("{} is not trusted: {why}.", reach.target.host);
                return Err(Failure::told(detail, "The machine is not trusted: it does not show the expected key."));
            }
            Err(Miss::Later(why)) => why,
        };
        let spent = clock.steady().saturating_sub(start);
        if spent + wait > reach.timeout {
            return Err(Failure::told(
                format!("timeout - last error: {last}"),
                "The machine could not be reached, or did not let us in, before the timeout.",
            ));
        }
        clock.sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn attempt(reach: &Reach, now: u64) -> Result<Machine, Miss> {
    let (proxy, target) = (reach.proxy.as_ref(), &reach.target);
    let agent = reach.agent.as_deref().map(|socket| Agent { socket, identity: reach.agent_identity.as_deref() });
    let client =
        |hop: &Hop| Client { host: hop.host.clone(), host_key: hop.host_key.clone(), agent: reach.agent.clone(), now };
    let (handle, bastion) = if let Some(hop) = &reach.bastion {
        let stream = in_time(proxy::connect(proxy, &hop.host, hop.port)).await?;
        let stream = stream.map_err(|error| Miss::Later(format!("Error connecting to bastion: {error}")))?;
        let bastion = enter(stream, client(hop), hop, agent).await?;
        let way = bastion.channel_open_direct_tcpip(&target.host, target.port.into(), "127.0.0.1", 0).await?;
        (enter(way.into_stream(), client(target), target, agent).await?, Some(bastion))
    } else {
        let stream = in_time(proxy::connect(proxy, &target.host, target.port)).await?;
        let stream = stream.map_err(|error| Miss::Later(format!("{}:{}: {error}", target.host, target.port)))?;
        (enter(stream, client(target), target, agent).await?, None)
    };
    let machine = Machine { handle, _bastion: bastion, is_windows: reach.is_windows };
    if agent.is_some() {
        // A machine that does not want our agent does without.
        drop(machine.handle.channel_open_session().await?.agent_forward(false).await);
    }
    Ok(machine)
}

/// Shakes hands and logs in.
async fn enter(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    client: Client,
    hop: &Hop,
    agent: Option<Agent<'_>>,
) -> Result<Handle<Client>, Miss> {
    let config = Config {
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: MOST_MISSED,
        nodelay: true,
        preferred: preferred(hop),
        ..Config::default()
    };
    let mut handle = in_time(connect_stream(Arc::new(config), stream, client)).await??;
    if in_time(login(&mut handle, hop, agent)).await?? {
        return Ok(handle);
    }
    Err(Miss::Later(format!("SSH authentication failed ({}@{}:{})", hop.user, hop.host, hop.port)))
}

async fn in_time<T>(work: impl Future<Output = T>) -> Result<T, Miss> {
    timeout(ANSWER, work).await.map_err(|_| Miss::Later(format!("no answer within {} seconds", ANSWER.as_secs())))
}

/// What we accept: with an expected key, keys of its kind first and certificates too.
fn preferred(hop: &Hop) -> Preferred {
    let Some(expected) = &hop.host_key else { return Preferred::default() };
    let kind = expected.algorithm();
    let is_same = |one: &Algorithm| match (one, &kind) {
        (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
        (one, kind) => one == kind,
    };
    let mut keys = Preferred::DEFAULT.key.to_vec();
    keys.sort_by_key(|one| !is_same(one));
    let certificates = [
        Algorithm::Ed25519,
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ];
    Preferred {
        key: Cow::Owned(keys),
        host_key_certificates: Cow::Owned(certificates.to_vec()),
        ..Preferred::default()
    }
}

/// A call failed on a connection that stood.
fn broken(error: &russh::Error) -> Failure {
    Failure::plain(format!("The connection to the machine broke: {error}."))
}

impl Machine {
    async fn channel(&self) -> Result<Channel<Msg>, Failure> {
        self.handle.channel_open_session().await.map_err(|error| broken(&error))
    }

    /// Runs a command and tells each line that it prints; its exit status, or in words how else it ended.
    pub(super) async fn run(&self, command: &str, say: &dyn Fn(&str)) -> Result<Result<(), String>, Failure> {
        let mut channel = self.channel().await?;
        if !self.is_windows {
            let modes = [(Pty::ECHO, 0), (Pty::TTY_OP_ISPEED, 14_400), (Pty::TTY_OP_OSPEED, 14_400)];
            channel.request_pty(false, "xterm", 80, 40, 0, 0, &modes).await.map_err(|error| broken(&error))?;
        }
        channel.exec(true, format!("{}\n", command.trim())).await.map_err(|error| broken(&error))?;
        let (mut out, mut err) = (Lines::default(), Lines::default());
        let mut end = None;
        while let Some(message) = channel.wait().await {
            match message {
                ChannelMsg::Data { data } => out.take(&data).iter().for_each(|line| say(line)),
                ChannelMsg::ExtendedData { data, .. } => err.take(&data).iter().for_each(|line| say(line)),
                ChannelMsg::ExitStatus { exit_status: 0 } => end = Some(Ok(())),
                ChannelMsg::ExitStatus { exit_status } => {
                    end = Some(Err(format!("Process exited with status {exit_status}")));
                }
                ChannelMsg::ExitSignal { signal_name, .. } => {
                    end = Some(Err(format!("Process was ended by signal {signal_name:?}")));
                }
                ChannelMsg::Failure => end = Some(Err("the machine does not run commands".to_owned())),
                ChannelMsg::Close => break,
                _ => {}
            }
        }
        out.rest().iter().chain(&err.rest()).for_each(|line| say(line));
        end.ok_or_else(|| Failure::plain("The connection to the machine broke before the command ended."))
    }
}

/// The words as one command line of the machine.
fn command_line(words: &[&str], is_windows: bool) -> String {
    let quote = |word: &&str| match shell_word(word) {
        quoted if is_windows && quoted != *word => format!("\"{}\"", word.replace('"', "\\\"")),
        quoted => quoted,
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words_on_the_other_side() {
        let words = ["scp", "-vt", "/tmp/it's here"];
        assert_eq!(command_line(&words, false), r"scp -vt '/tmp/it'\''s here'");
        assert_eq!(command_line(&words, true), "scp -vt \"/tmp/it's here\"");
    }
}
