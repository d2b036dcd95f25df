//! Lines of the journal: an entry, its number, its time, and a checksum by which a torn line is known.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::Entry;
use super::location::Written;
use crate::diagnostic::Diagnostic;
use crate::state::seal::SharedSeal;

/// An entry that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its number, from 1.
    pub seq: u64,
    /// When it was written, since 1970-01-01 UTC.
    pub at: Duration,
    /// What it says.
    pub entry: Entry,
}

/// Everything a journal holds.
#[derive(Clone, Default, PartialEq)]
pub struct Records {
    /// In the order they were written.
    pub entries: Vec<Recorded>,
    /// The end was cut off by a crash: entries that nobody was told were safe are missing.
    pub torn: bool,
    /// In a bucket: which journal it is, of those that ever stood there.
    pub(in crate::state) generation: u64,
    /// In a bucket: the last object it was read from.
    pub(in crate::state) last: Option<Written>,
    /// Good lines, verbatim.
    pub(in crate::state) text: String,
}

/// Without the text, which holds secrets.
impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("entries", &self.entries).field("torn", &self.torn).finish_non_exhaustive()
    }
}

impl Records {
    /// The number of the last run; 0 for none.
    pub fn runs(&self) -> u32 {
        let runs = self.entries.iter().filter_map(|recorded| match recorded.entry {
            Entry::Begin { run, .. } => Some(run),
            _ => None,
        });
        runs.max().unwrap_or(0)
    }

    /// The lineage of the state that the last run started from.
    pub fn lineage(&self) -> Option<&str> {
        self.entries.iter().rev().find_map(|recorded| match &recorded.entry {
            Entry::Begin { lineage, .. } => Some(lineage.as_str()),
            _ => None,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Line<E> {
    seq: u64,
    /// Number of the first entry that was made durable together with this one.
    from: u64,
    /// Milliseconds since 1970-01-01 UTC.
    at: u64,
    entry: E,
}

const SUM: &str = ",\"sum\":\"";

/// A line, with its line break, around an entry that is JSON already.
pub(super) fn print(seq: u64, from: u64, at: Duration, entry: &RawValue) -> serde_json::Result<String> {
    let at = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
    let mut line = serde_json::to_string(&Line { seq, from, at, entry })?;
    line.pop();
    let sum = checksum(&line);
    Ok(line + SUM + &sum + "\"}\n")
}

fn checksum(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text).iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The part under the checksum, when the checksum is right; closed again so that it is JSON.
fn whole(line: &str) -> Option<String> {
    let (body, sum) = line.strip_suffix("\"}")?.rsplit_once(SUM)?;
    (checksum(body) == sum).then(|| format!("{body}}}"))
}

/// What a line begins with that holds a group of lines in an envelope.
const SEALED: &str = "{\"sealed\":\"";

/// A group of lines in its envelope: one line. As it is when there is none.
pub(super) fn seal(text: &[u8], seal: Option<&SharedSeal>) -> Result<Vec<u8>, Diagnostic> {
    let Some(envelope) = seal.map(|seal| seal.close(text)).transpose()?.flatten() else { return Ok(text.to_vec()) };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let body = format!("{SEALED}{}\"", BASE64_STANDARD.encode(envelope));
    let sum = checksum(&body);
    Ok((body + SUM + &sum + "\"}\n").into_bytes())
}

/// Takes all groups out of their envelopes. A torn line stays one.
pub(super) async fn unseal(bytes: Vec<u8>, seal: Option<&SharedSeal>, name: &str) -> Result<Vec<u8>, Diagnostic> {
    let is_sealed = bytes.starts_with(SEALED.as_bytes());
    let Some(seal) = seal else { return if is_sealed { Err(sealed(name)) } else { Ok(bytes) } };
    if bytes.is_empty() {
        return Ok(bytes);
    }
    let mut text = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if !line.starts_with(SEALED.as_bytes()) {
            // Entries in clear are taken only where the state may be in clear too.
            if line.ends_with(b"\n") && std::str::from_utf8(line).ok().and_then(|line| whole(line.trim_end())).is_some()
            {
                seal.open(line, name).await?;
            }
            text.extend_from_slice(line);
            continue;
        }
        let body = std::str::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n')).and_then(whole);
        let body = body.as_deref().and_then(|body| body.strip_prefix(SEALED)?.strip_suffix("\"}"));
        let Some(envelope) = body.and_then(|body| BASE64_STANDARD.decode(body).ok()) else {
            text.extend_from_slice(b"\0\n");
            continue;
        };
        text.extend(seal.open(&envelope, name).await?.plain.unwrap_or_default());
    }
    Ok(text)
}

fn sealed(name: &str) -> Diagnostic {
    let text = format!(
        "{name} tells what an interrupted run did, and is encrypted; the stack has no `encryption` block that says with which key. Nothing was changed. Put the block back."
    );
    Diagnostic::error("The journal is encrypted", text)
}

pub(super) fn parse(bytes: &[u8], name: &str) -> Result<Records, Diagnostic> {
    let mut records = Records::default();
    // First bad line (from 1) that good lines follow, and the number its entry would have.
    let mut bad: Option<(usize, u64)> = None;
    let mut hole: Option<(usize, u64)> = None;
    let mut last_from = 0;
    for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let next = records.entries.last().map_or(0, |last| last.seq) + 1;
        let text = line.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok());
        let Some((text, body)) = text.and_then(|text| Some((text, whole(text)?))) else {
            bad = bad.or(Some((at + 1, next)));
            records.torn = true;
            continue;
        };
        let line: Line<Entry> = serde_json::from_str(&body).map_err(|error| unreadable(name, at + 1, &error))?;
        hole = hole.or(bad.take());
        last_from = line.from;
        records.entries.push(Recorded { seq: line.seq, at: Duration::from_millis(line.at), entry: line.entry });
        records.text.push_str(text);
        records.text.push('\n');
    }
    // A crash can only tear what was being made durable: the last group. Anything before was safe and is damaged now.
    match hole {
        Some((line, seq)) if seq < last_from => Err(Diagnostic::error(
            "The journal is damaged",
            format!(
                "{name}, line {line}: the checksum is wrong, and good lines follow. It tells what an interrupted run did, so \
                 going on without it could lose track of objects. Nothing was changed."
            ),
        )
        .help(format!(
            "Look at the line. To go on with what the state knows, move the journal away:\n\n  mv {name} {name}.damaged"
        ))),
        _ => Ok(records),
    }
}

fn unreadable(name: &str, line: usize, error: &serde_json::Error) -> Diagnostic {
    Diagnostic::error(
        "The journal is of another version",
        format!(
            "{name}, line {line} is whole but cannot be understood (column {}); a newer glaz may have written it. Nothing was changed.",
            error.column()
        ),
    )
    .help("Finish the interrupted run with the version of glaz that began it.")
}
