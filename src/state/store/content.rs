//! What a store knows of its state: what was read or written last, and what is to be written next.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;
use crate::state::seal::{self, SharedSeal};
use crate::state::{State, file_v4};

/// What was read or written last.
#[derive(Default)]
pub(super) struct Content {
    known: Option<Known>,
    /// Whether the text is kept: what cannot be read again as it is.
    keeps: bool,
}

struct Known {
    /// Checksum of the bytes; empty for none.
    digest: String,
    /// Checksum of the text of the state: another one when the bytes are an envelope.
    text_digest: String,
    /// The text, where it is kept and others wrote it.
    text: Option<Vec<u8>>,
    /// Whether it is to be written anew although nothing changed: under another key.
    is_outdated: bool,
    /// None for no state.
    state: Option<Head>,
    /// Whether this process wrote them: then another text is another state.
    is_ours: bool,
}

/// What is remembered of a state.
#[derive(Clone, Debug)]
struct Head {
    serial: u64,
    lineage: String,
    /// How many objects are in it.
    objects: usize,
}

impl Known {
    /// Whether others wrote the same state with other words. The text is read for that, `again` when it was not kept: it
    /// is asked last.
    fn is_written_otherwise(
        &self,
        state: &State,
        shown: &str,
        again: impl FnOnce() -> Result<Vec<u8>, Diagnostic>,
    ) -> Result<bool, Diagnostic> {
        if self.is_ours || self.state.as_ref().is_none_or(|head| head.objects != state.instances.len()) {
            return Ok(false);
        }
        let before = match &self.text {
            Some(text) => file_v4::read(text, shown)?,
            None => file_v4::read(&again()?, shown)?,
        };
        Ok(before.is_some_and(|before| State { serial: state.serial, ..before } == *state))
    }
}

/// Without the text, which holds secrets.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.known.as_ref().and_then(|known| known.state.as_ref());
        f.debug_struct("Content").field("state", &state).finish_non_exhaustive()
    }
}

impl Content {
    /// Of a store that cannot read the same again.
    pub(super) fn keeping() -> Self {
        Self { keeps: true, ..Self::default() }
    }

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
        // What is not whole is neither in an envelope nor in clear: reading it says what is wrong with it.
        if let Some(seal) = seal.filter(|_| file_v4::is_json(&bytes)) {
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
        let state = file_v4::read(plain.as_ref().unwrap_or(&bytes), shown).map_err(|mut problem| {
            if file_v4::is_cut_off(&problem) {
                problem.detail.push_str(" Going on without the state would create everything again.");
            }
            problem
        })?;
        let head = |state: &State| Head {
            serial: state.serial,
            lineage: state.lineage.clone(),
            objects: state.instances.len(),
        };
        let whole = digest(&bytes);
        self.known = Some(Known {
            text_digest: plain.as_ref().map_or_else(|| whole.clone(), |plain| digest(plain)),
            digest: whole,
            is_outdated,
            state: state.as_ref().map(head),
            is_ours: false,
            text: plain.or_else(|| self.keeps.then_some(bytes)),
        });
        Ok(state)
    }

    /// Remembers that bytes with this checksum are about to be overwritten, whatever they are.
    pub(super) fn replace(&mut self, digest: String) {
        let text_digest = digest.clone();
        self.known = Some(Known { digest, text_digest, text: None, is_outdated: false, state: None, is_ours: false });
    }

    /// Remembers what was written.
    pub(super) fn written(&mut self, prepared: &Prepared, lineage: &str) {
        let state = Head { serial: prepared.serial, lineage: lineage.to_owned(), objects: prepared.objects };
        let digest = prepared.digest();
        let text_digest =
            if prepared.sealed.is_some() { digest_of([prepared.text.as_bytes()]) } else { digest.clone() };
        self.known =
            Some(Known { digest, text_digest, text: None, is_outdated: false, state: Some(state), is_ours: true });
    }

    /// Checksum of the bytes; empty for no state.
    pub(super) fn digest(&self) -> String {
        self.known.as_ref().map(|known| known.digest.clone()).unwrap_or_default()
    }

    /// What to write for a state: serial one higher than before when the content differs, else nothing. `again` reads
    /// the bytes that were read last once more.
    pub(super) fn prepare(
        &self,
        state: &State,
        shown: &str,
        seal: Option<&SharedSeal>,
        again: impl FnOnce() -> Result<Vec<u8>, Diagnostic>,
    ) -> Result<Prepared, Diagnostic> {
        let Some(known) = &self.known else { return Err(Diagnostic::bug("A state was read and forgotten")) };
        let Some(before) = &known.state else {
            return Prepared::new(state, following(state.serial, shown)?, seal);
        };
        if before.lineage != state.lineage {
            return Err(Diagnostic::error(
                "Another state",
                format!("{shown} holds a state of another lineage than the one to be written. Nothing was changed."),
            ));
        }
        let serial = following(before.serial, shown)?;
        let text = file_v4::write_as(state, serial)?;
        let rest = &text[file_v4::head(state, serial).len()..];
        let as_before = digest_of([file_v4::head(state, before.serial).as_bytes(), rest.as_bytes()]);
        let is_unchanged = as_before == known.text_digest || known.is_written_otherwise(state, shown, again)?;
        if is_unchanged && !known.is_outdated {
            let (text, digest) = (String::new(), known.digest.clone());
            return Ok(Prepared {
                text,
                sealed: None,
                digest,
                serial: before.serial,
                objects: before.objects,
                changed: false,
            });
        }
        Prepared::of(text, state, serial, seal)
    }
}

/// A state about to be written.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Empty when nothing is to be written.
    text: String,
    /// The envelope around it.
    sealed: Option<Vec<u8>>,
    digest: String,
    /// How many objects are in it.
    objects: usize,
    /// The serial it carries.
    pub serial: u64,
    /// Whether it differs from what is there.
    pub changed: bool,
}

impl Prepared {
    /// The state with a serial.
    pub(super) fn new(state: &State, serial: u64, seal: Option<&SharedSeal>) -> Result<Self, Diagnostic> {
        Self::of(file_v4::write_as(state, serial)?, state, serial, seal)
    }

    fn of(text: String, state: &State, serial: u64, seal: Option<&SharedSeal>) -> Result<Self, Diagnostic> {
        let sealed = seal.map(|seal| seal.close_state(text.as_bytes(), serial, &state.lineage)).transpose()?.flatten();
        let digest = digest(sealed.as_deref().unwrap_or(text.as_bytes()));
        Ok(Self { text, sealed, digest, objects: state.instances.len(), serial, changed: true })
    }

    /// What is written.
    pub(super) fn bytes(&self) -> &[u8] {
        self.sealed.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// Checksum of the file once it is written.
    pub fn digest(&self) -> String {
        self.digest.clone()
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("serial", &self.serial).field("changed", &self.changed).finish_non_exhaustive()
    }
}

/// The serial after this one.
pub(in crate::state) fn following(serial: u64, shown: &str) -> Result<u64, Diagnostic> {
    serial.checked_add(1).ok_or_else(|| {
        let text = format!(
            "The serial of {shown} is {serial}, the highest there can be: no later state could be told from this one. Nothing was changed."
        );
        Diagnostic::error("No higher serial", text).help(
            "Give the state a lower serial: write it to a file, change \"serial\" there, and put it back.\n\n    glaz state pull > FILE\n    glaz state push -force FILE",
        )
    })
}

/// SHA-256 of a state file in hex; empty for an empty file, which is no state.
pub(in crate::state) fn digest(bytes: &[u8]) -> String {
    digest_of([bytes])
}

/// The same of bytes in pieces.
pub(super) fn digest_of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut all = Hashed::default();
    pieces.into_iter().for_each(|piece| all.push(piece));
    all.finish()
}

/// SHA-256 of bytes that come piece by piece.
#[derive(Default)]
pub(super) struct Hashed {
    hash: Sha256,
    is_any: bool,
}

impl Hashed {
    /// Adds a piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.is_any |= !piece.is_empty();
    }

    /// In hex; empty for no bytes at all.
    pub(super) fn finish(self) -> String {
        if !self.is_any {
            return String::new();
        }
        self.hash.finalize().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}
