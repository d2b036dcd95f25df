//! A state in a local file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::atomic::{self, Reason, STATE_MODE};
use super::content::{Content, Hashed, Prepared};
use crate::clock::Clock;
use crate::diagnostic::Diagnostic;
use crate::state::lock::{self, Holder, Lock, LockRequest, Traces};
use crate::state::seal::{self, SharedSeal};
use crate::state::{State, file_v4};

/// A state file, its backup and its lock.
///
/// While the lock is held, nothing in this process may open the state file but this: closing such a handle would
/// release the lock.
#[derive(Debug)]
pub struct LocalStore {
    path: PathBuf,
    shown: String,
    backup: Option<PathBuf>,
    lock: Option<Lock>,
    content: Content,
}

impl LocalStore {
    /// The state in the file `path`, which need not exist. A link is followed, so that it stays one.
    pub fn open(path: &Path) -> Self {
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let backup = Some(with_ending(&real, ".backup"));
        Self { path: real, shown: path.display().to_string(), backup, lock: None, content: Content::default() }
    }

    /// Keeps the backup elsewhere, or none (`-backup=PATH`, `-backup=-`); where it would have been kept.
    pub fn backup_to(&mut self, path: Option<PathBuf>) -> Option<PathBuf> {
        std::mem::replace(&mut self.backup, path)
    }

    /// A name for a backup that is kept for good: `terraform.tfstate.1767225600.backup`. Never one that exists.
    pub fn dated_backup(&self, clock: &Clock) -> PathBuf {
        let mut seconds = clock.now().as_secs();
        loop {
            let path = with_ending(&self.path, &format!(".{seconds}.backup"));
            if !path.exists() {
                return path;
            }
            seconds += 1;
        }
    }

    /// Where the journal of a run stands.
    pub fn journal_path(&self) -> PathBuf {
        with_ending(&self.path, ".journal")
    }

    /// Whether the state is in this file.
    pub fn is_of(&self, path: &Path) -> bool {
        std::fs::canonicalize(path).is_ok_and(|path| std::fs::canonicalize(&self.path).is_ok_and(|own| own == path))
    }

    /// The name of the state in messages.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Takes the lock; it is released by [`unlock`](Self::unlock) or with the store.
    pub async fn lock(&mut self, request: &LockRequest, clock: &Clock) -> Result<(), Diagnostic> {
        if self.lock.is_none() {
            self.make_folder()?;
            self.lock = Some(Lock::take(&self.path, &self.shown, request, clock).await?);
            self.content.forget();
        }
        Ok(())
    }

    /// What the lock leaves in the folder while it is held.
    pub(super) fn traces(&self) -> Option<Arc<Traces>> {
        self.lock.as_ref().map(|lock| lock.traces().clone())
    }

    /// Releases the lock.
    pub fn unlock(&mut self) {
        self.lock = None;
    }

    /// Who holds the lock. Must not be asked by whoever holds it.
    ///
    /// # Errors
    /// The file is there and cannot be opened.
    pub fn holder(&self) -> Result<Holder, Diagnostic> {
        lock::holder_of(&self.path).map_err(|error| {
            Diagnostic::error("The lock cannot be looked at", format!("{}: {error}.", self.path.display()))
        })
    }

    /// Reads the state; none when there is no file or an empty one.
    pub fn read(&mut self) -> Result<Option<State>, Diagnostic> {
        let bytes = self.bytes()?;
        self.content.read(bytes, &self.shown).map_err(|problem| self.advise(problem))
    }

    /// The same, out of its envelope.
    pub(super) async fn open_with(&mut self, seal: Option<&SharedSeal>) -> Result<Option<State>, Diagnostic> {
        let bytes = self.bytes()?;
        self.content.open(bytes, &self.shown, seal).await.map_err(|problem| self.advise(problem))
    }

    /// Checksum of the file as it was read or written last; empty for no state. The journal names states by it.
    pub fn digest(&self) -> String {
        self.content.digest()
    }

    /// The bytes that [`write`](Self::write) will write, with the serial they carry: one more than before when the
    /// content differs, else the file as it is.
    pub fn prepare(&mut self, state: &State) -> Result<Prepared, Diagnostic> {
        if !self.content.is_known() {
            self.read()?;
        }
        self.prepare_with(state, None)
    }

    /// The same in an envelope; the state was read before.
    pub(super) fn prepare_with(&self, state: &State, seal: Option<&SharedSeal>) -> Result<Prepared, Diagnostic> {
        self.content.prepare(state, &self.shown, seal, || self.bytes())
    }

    /// Whether the state was read.
    pub(super) fn is_known(&self) -> bool {
        self.content.is_known()
    }

    /// Writes the state: serial one higher when it differs from what is there, else nothing happens. The answer is
    /// the serial of the file. The first change keeps the file as it was as backup.
    pub fn write(&mut self, state: &State) -> Result<u64, Diagnostic> {
        let prepared = self.prepare(state)?;
        self.write_prepared(&prepared, &state.lineage)?;
        Ok(prepared.serial)
    }

    /// Writes what [`prepare`](Self::prepare) made.
    pub fn write_prepared(&mut self, prepared: &Prepared, lineage: &str) -> Result<(), Diagnostic> {
        if prepared.changed { self.put(prepared, lineage) } else { Ok(()) }
    }

    /// Writes the state with the serial it has, whatever was there (`state push`).
    pub fn overwrite(&mut self, state: &State) -> Result<(), Diagnostic> {
        self.overwrite_with(state, None)
    }

    /// The same in an envelope.
    pub(super) fn overwrite_with(&mut self, state: &State, seal: Option<&SharedSeal>) -> Result<(), Diagnostic> {
        let now = self.digest_now()?;
        self.content.replace(now);
        self.put(&Prepared::new(state, state.serial, seal)?, &state.lineage)
    }

    /// A workspace gets its folder with its first state.
    fn make_folder(&self) -> Result<(), Diagnostic> {
        std::fs::create_dir_all(atomic::folder(&self.path)).map_err(|error| cannot_write(&self.shown, &error))
    }

    fn put(&mut self, prepared: &Prepared, lineage: &str) -> Result<(), Diagnostic> {
        self.make_folder()?;
        if !self.content.is_known() {
            return Err(Diagnostic::bug("A state was written before it was read"));
        }
        let now = self.digest_now()?;
        if now != self.content.digest() {
            return Err(Diagnostic::error(
                "The state was changed meanwhile",
                format!(
                    "Somebody else wrote {} since it was read; writing it now would lose that. It was left as it is. \
                     Run the command again, without -lock=false.",
                    self.shown
                ),
            ));
        }
        if let (Some(backup), false) = (&self.backup, now.is_empty()) {
            self.copy_to(backup).map_err(|error| cannot_write(&backup.display().to_string(), &error))?;
        }
        self.backup = None; // one per run: the state as it was at its start
        let written = match &mut self.lock {
            Some(lock) => lock.replace(prepared.bytes()),
            None => atomic::replace(&self.path, prepared.bytes(), STATE_MODE),
        };
        written.map_err(|error| cannot_write(&self.shown, &error))?;
        self.content.written(prepared, lineage);
        Ok(())
    }

    fn bytes(&self) -> Result<Vec<u8>, Diagnostic> {
        let mut bytes = Vec::new();
        self.read_by(|mut file| file.read_to_end(&mut bytes).map(drop))?;
        Ok(bytes)
    }

    /// Checksum of the file as it is now.
    fn digest_now(&self) -> Result<String, Diagnostic> {
        let mut all = Hashed::default();
        self.read_by(|file| {
            let mut file = BufReader::with_capacity(1 << 16, file);
            loop {
                let piece = file.fill_buf()?;
                if piece.is_empty() {
                    return Ok(());
                }
                all.push(piece);
                let length = piece.len();
                file.consume(length);
            }
        })?;
        Ok(all.finish())
    }

    /// Copies the file as it is now.
    fn copy_to(&self, path: &Path) -> io::Result<()> {
        match &self.lock {
            Some(lock) => atomic::copy(lock.file()?, path, STATE_MODE),
            None => atomic::copy(&File::open(&self.path)?, path, STATE_MODE),
        }
    }

    /// Has the file read from its start; one that is not there has nothing in it.
    fn read_by(&self, read: impl FnOnce(&File) -> io::Result<()>) -> Result<(), Diagnostic> {
        let done = match &self.lock {
            Some(lock) => lock.file().and_then(read),
            None => File::open(&self.path).and_then(|file| read(&file)),
        };
        match done {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.map_err(|error| {
                Diagnostic::error("The state cannot be read", format!("{}: {error}. Nothing was changed.", self.shown))
                    .help("Check the path and its permissions.")
            }),
        }
    }

    /// Says where a whole state is, when this one is damaged. An older one in place of one that is whole would only lose
    /// what was done since.
    fn advise(&self, problem: Diagnostic) -> Diagnostic {
        if !file_v4::is_damaged(&problem) {
            return problem;
        }
        match self.whole_backup() {
            Some(backup) => problem.help(format!(
                "The backup holds the state before the last change. To go back to it:\n\n  cp {} {}",
                backup.display(),
                self.path.display()
            )),
            None => problem.help(
                "There is no whole backup beside it. If the file is under version control, restore it from there.",
            ),
        }
    }

    /// The backup, if it is whole; one in an envelope is when the envelope is.
    fn whole_backup(&self) -> Option<PathBuf> {
        let path = with_ending(&self.path, ".backup");
        let bytes = std::fs::read(&path).ok()?;
        (seal::is_envelope(&bytes) || matches!(file_v4::read(&bytes, ""), Ok(Some(_)))).then_some(path)
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn cannot_write(shown: &str, error: &io::Error) -> Diagnostic {
    let why = Reason::of(error);
    Diagnostic::error(
        "The state cannot be written",
        format!(
            "{shown} was left as it was: {}. What was done since is in the journal beside the state, if there is one.",
            why.text
        ),
    )
    .help(why.help)
}
