//! What a store knows of its state: the bytes as they were read or written last, and what is to be written next.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;
use crate::state::seal::{self, SharedSeal};
use crate::state::{State, file_v4};

/// The bytes as they were read or written last.
#[derive(Default)]
pub(super) struct Content {
    known: Option<Known>,
}

struct Known {
    bytes: Vec<u8>,
    /// What is in the envelope, when the bytes are one.
    plain: Option<Vec<u8>>,
    /// Whether it is to be written anew although nothing changed: under another key.
    is_outdated: bool,
    /// Serial and lineage; none for no state.
    state: Option<(u64, String)>,
    /// Whether this process wrote them: then another text is another state.
    is_ours: bool,
}

impl Known {
    fn plain(&self) -> &[u8] {
        self.plain.as_ref().unwrap_or(&self.bytes)
    }

    /// Whether others wrote the same state with other words. Large states are read for that: it is asked last.
    fn is_written_otherwise(&self, text: &str, shown: &str) -> Result<bool, Diagnostic> {
        if self.is_ours {
            return Ok(false);
        }
        let before = file_v4::read(self.plain(), shown)?;
        Ok(before.as_ref().map(file_v4::write).transpose()?.as_deref() == Some(text))
    }
}

/// Without the bytes, which hold secrets.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.known.as_ref().and_then(|known| known.state.as_ref());
        f.debug_struct("Content").field("state", &state).finish_non_exhaustive()
    }
}

impl Content {
    /// Whether anything was read.
    pub(super) fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Forgets everything.
    pub(super) fn forget(&mut self) {
        self.known = None;
    }

    /// The state in these bytes, opened with the seal.
    pub(super) async fn open(
        &mut self,
        bytes: Vec<u8>,
        shown: &str,
        seal: Option<&SharedSeal>,
    ) -> Result<Option<State>, Diagnostic> {
        let (mut plain, mut is_outdated) = (None, false);
        if let Some(seal) = seal.filter(|_| !bytes.is_empty()) {
            let opened = seal.open(&bytes, shown).await?;
            (plain, is_outdated) = (opened.plain, opened.is_outdated);
        }
        self.take(bytes, plain, is_outdated, shown)
    }

    /// The state in these bytes, which are not sealed.
    pub(super) fn read(&mut self, bytes: Vec<u8>, shown: &str) -> Result<Option<State>, Diagnostic> {
        self.take(bytes, None, false, shown)
    }

    fn take(
        &mut self,
        bytes: Vec<u8>,
        plain: Option<Vec<u8>>,
        is_outdated: bool,
        shown: &str,
    ) -> Result<Option<State>, Diagnostic> {
        if plain.is_none() && seal::is_envelope(&bytes) {
            return Err(seal::unconfigured(shown));
        }
        let state = file_v4::read(plain.as_ref().unwrap_or(&bytes), shown)?;
        let known = state.as_ref().map(|state| (state.serial, state.lineage.clone()));
        self.known = Some(Known { bytes, plain, is_outdated, state: known, is_ours: false });
        Ok(state)
    }

    /// Remembers bytes that are about to be overwritten, whatever they are.
    pub(super) fn replace(&mut self, bytes: Vec<u8>) {
        self.known = Some(Known { bytes, plain: None, is_outdated: false, state: None, is_ours: false });
    }

    /// Remembers what was written.
    pub(super) fn written(&mut self, prepared: &Prepared, lineage: &str) {
        let plain = prepared.sealed.is_some().then(|| prepared.text.as_bytes().to_vec());
        let state = Some((prepared.serial, lineage.to_owned()));
        self.known = Some(Known { bytes: prepared.bytes().to_vec(), plain, is_outdated: false, state, is_ours: true });
    }

    /// The bytes as they were; empty for no state.
    pub(super) fn bytes(&self) -> &[u8] {
        self.known.as_ref().map(|known| known.bytes.as_slice()).unwrap_or_default()
    }

    /// Checksum of the bytes; empty for no state.
    pub(super) fn digest(&self) -> String {
        digest(self.bytes())
    }

    /// The bytes to write for a state: serial one higher than before when the content differs, else the bytes as they are.
    pub(super) fn prepare(
        &self,
        state: &State,
        shown: &str,
        seal: Option<&SharedSeal>,
    ) -> Result<Prepared, Diagnostic> {
        let Some(known) = &self.known else { return Err(Diagnostic::bug("A state was read and forgotten")) };
        let Some((serial, lineage)) = known.state.clone() else {
            return Prepared::new(&State { serial: state.serial + 1, ..state.clone() }, seal);
        };
        if lineage != state.lineage {
            return Err(Diagnostic::error(
                "Another state",
                format!("{shown} holds a state of another lineage than the one to be written. Nothing was changed."),
            ));
        }
        let same = State { serial, ..state.clone() };
        let text = file_v4::write(&same)?;
        let is_unchanged = text.as_bytes() == known.plain() || known.is_written_otherwise(&text, shown)?;
        if is_unchanged && !known.is_outdated {
            let text = String::from_utf8_lossy(&known.bytes).into_owned();
            return Ok(Prepared { text, sealed: None, serial, changed: false });
        }
        Prepared::new(&State { serial: serial + 1, ..same }, seal)
    }
}

/// A state about to be written.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    text: String,
    /// The envelope around it.
    sealed: Option<Vec<u8>>,
    /// The serial it carries.
    pub serial: u64,
    /// Whether it differs from what is there.
    pub changed: bool,
}

impl Prepared {
    /// The state with the serial it has.
    pub(super) fn new(state: &State, seal: Option<&SharedSeal>) -> Result<Self, Diagnostic> {
        let text = file_v4::write(state)?;
        let sealed = seal.map(|seal| seal.close_state(text.as_bytes(), state.serial, &state.lineage)).transpose()?;
        Ok(Self { text, sealed: sealed.flatten(), serial: state.serial, changed: true })
    }

    /// What is written.
    pub(super) fn bytes(&self) -> &[u8] {
        self.sealed.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// Checksum of the file once it is written.
    pub fn digest(&self) -> String {
        digest(self.bytes())
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("serial", &self.serial).field("changed", &self.changed).finish_non_exhaustive()
    }
}

/// SHA-256 of a state file in hex; empty for an empty file, which is no state.
pub(in crate::state) fn digest(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
