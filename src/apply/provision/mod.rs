//! Provisioners: what runs when an object was made, or before it is destroyed.
//!
//! They run one after the other; each is evaluated just before it starts. The object is on disk before its first
//! provisioner runs, as tainted until the last one passed, so that an interrupted run makes it anew.

mod connection;
mod file;
mod lines;
mod local_exec;
mod remote_exec;
mod ssh;

use std::fmt::Write as _;
use std::path::Path;

use self::connection::Reach;
use super::job::{Event, Job, Stop};
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Provision;
use crate::lang::config::Provisioner;
use crate::resource::model::{Mismatch, Model};
use crate::resource::provisioner::Connection;
use crate::value::Value;

/// What a provisioner works with.
pub(super) struct Site<'a> {
    /// The object.
    address: &'a Address,
    /// Kind of the provisioner.
    kind: &'a str,
    /// The stack's folder, where relative paths start.
    folder: &'a Path,
    job: Job<'a>,
    /// Why neither the command nor what it prints may be shown, such as "sensitive".
    hidden: Option<&'static str>,
}

/// Why a provisioner failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// In sentences; may hold what the block says.
    Told {
        /// What went wrong.
        summary: Option<&'static str>,
        /// How and why.
        detail: String,
        /// The same without anything that comes from the block or from the command.
        blank: String,
    },
    /// The person asked to stop.
    Stopped,
}

impl Failure {
    /// A failure whose words hold nothing that the block says.
    fn plain(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::Told { summary: None, blank: detail.clone(), detail }
    }

    /// A failure with words for everybody, and words for blocks that hold a secret.
    fn told(detail: impl Into<String>, blank: impl Into<String>) -> Self {
        Self::Told { summary: None, detail: detail.into(), blank: blank.into() }
    }

    /// The same failure with words in front.
    fn after(self, words: &str) -> Self {
        match self {
            Self::Told { summary, detail, blank } => {
                Self::Told { summary, detail: format!("{words}{detail}"), blank: format!("{words}{blank}") }
            }
            Self::Stopped => Self::Stopped,
        }
    }
}

impl From<Mismatch> for Failure {
    fn from(mismatch: Mismatch) -> Self {
        Self::plain(format!("An argument of the provisioner does not fit: {mismatch}."))
    }
}

impl Site<'_> {
    /// Shows a line that the provisioner says itself or that its command printed.
    fn say(&self, line: &str) {
        if self.hidden.is_none() {
            self.tell(line);
        }
    }

    fn tell(&self, line: &str) {
        let (address, kind) = (self.address.clone(), self.kind.to_owned());
        (self.job.watch)(Event::Output { address, kind, line: line.to_owned() });
    }

    fn stop(&self) -> &Stop {
        self.job.stop
    }
}

/// Runs one provisioner of an object.
///
/// # Errors
/// It failed, and its block does not say that this may happen; or the person asked to stop.
pub(super) async fn provision(
    job: Job<'_>,
    address: &Address,
    provision: &Provision,
    block: &Provisioner,
) -> Result<(), Report> {
    let folder = job.env.cwd.join(&job.env.root);
    let site = Site { address, kind: &provision.kind, folder: &folder, job, hidden: hidden(provision) };
    (job.watch)(Event::Provisioning { address: address.clone(), kind: provision.kind.to_string() });
    if let Some(why) = site.hidden {
        site.tell(&format!("(output suppressed due to {why} value in config)"));
    }
    let result = if job.stop.is_asked() { Err(Failure::Stopped) } else { run(&site, provision).await };
    let (summary, detail) = match result {
        Ok(()) => return Ok(()),
        Err(Failure::Stopped) => {
            let then = if block.on_destroy { "still there" } else { "made anew by the next run" };
            (None, format!("It was stopped before it was done. The object is {then}."))
        }
        Err(Failure::Told { summary, detail, blank }) => {
            let detail = if site.hidden.is_some() { blank } else { detail };
            if block.may_fail {
                site.tell(&format!("Failed, which on_failure = continue allows: {detail}"));
                return Ok(());
            }
            (summary, detail)
        }
    };
    let summary = summary.map_or_else(|| format!("{} provisioner error", provision.kind), str::to_owned);
    Err(Diagnostic::error(summary, detail).at(provision.span).about(address).into())
}

async fn run(site: &Site<'_>, provision: &Provision) -> Result<(), Failure> {
    match &*provision.kind {
        "local-exec" => local_exec::run(site, &decode(&provision.config)?).await,
        "remote-exec" => {
            let (args, reach) = (decode(&provision.config)?, reach(site, provision)?);
            until_stopped(site, Box::pin(remote_exec::run(site, &args, &reach))).await
        }
        "file" => {
            let (args, reach) = (decode(&provision.config)?, reach(site, provision)?);
            until_stopped(site, Box::pin(file::run(site, &args, &reach))).await
        }
        kind => Err(Failure::plain(format!("The provisioner {kind} cannot be run."))),
    }
}

/// How the machine is reached.
fn reach(site: &Site<'_>, provision: &Provision) -> Result<Reach, Failure> {
    let missing = || Failure::plain("Missing connection configuration for provisioner.");
    let connection: Connection = decode(provision.connection.as_ref().ok_or_else(missing)?)?;
    Reach::new(&connection, &site.job.around.environment)
}

/// The work, given up when the person asks to stop: closing the connection ends what runs on the machine.
async fn until_stopped(site: &Site<'_>, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::select! {
        result = work => result,
        () = site.stop().asked() => Err(Failure::Stopped),
    }
}

/// The typed arguments.
fn decode<T: Model>(config: &Value) -> Result<T, Failure> {
    Ok(T::decode_element(&config.unmarked())?)
}

/// Why the output must not be shown: the marks of everything that the provisioner is told.
fn hidden(provision: &Provision) -> Option<&'static str> {
    let connection = provision.connection.iter().map(Value::marks_deep);
    let marks = connection.fold(provision.config.marks_deep(), |all, one| all.union(&one));
    match (marks.is_sensitive(), marks.is_ephemeral()) {
        (true, true) => Some("sensitive, ephemeral"),
        (true, false) => Some("sensitive"),
        (false, true) => Some("ephemeral"),
        (false, false) => None,
    }
}

/// The text in double quotes, so that one sees where it ends.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_show_where_a_word_ends() {
        assert_eq!(quoted("a \"b\"\n\\\u{1b}"), r#""a \"b\"\n\\\u001b""#);
    }
}
