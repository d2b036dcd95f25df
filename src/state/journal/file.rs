//! A journal in a file: whole groups of lines are appended, and what is not durable is cut off before anything follows.
//!
//! Without a lock two runs can have the same name for their journals. Which file is a run's own is known by its inode and its
//! length: one that finds another there stops, and keeps what it wrote down under another name.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::location::MODE;
use crate::state::store::atomic;

/// What a run's own file is known by: device, inode and length.
#[derive(Clone, Debug, Default)]
pub(super) struct Mark(Arc<Mutex<Option<(u64, u64, u64)>>>);

impl Mark {
    fn set(&self, file: &Metadata, length: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((file.dev(), file.ino(), length));
    }

    /// Whether the file of this name is the run's own, and nobody else wrote to it. Where that cannot be told it is: another
    /// run is the exception.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let own = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::fs::metadata(path) {
            Ok(now) if now.is_file() => own == Some((now.dev(), now.ino(), now.len())),
            Ok(_) => true,
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }
}

/// Why lines were not appended.
#[derive(Debug)]
pub(super) enum Trouble {
    Failed(io::Error),
    /// The name belongs to another run. What this one wrote down is kept under the other name, unless that failed.
    Taken(Result<PathBuf, String>),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// A file that lines are appended to.
pub(super) struct Lines {
    path: PathBuf,
    /// None before the first group, and after an error.
    file: Option<File>,
    /// Bytes that are durable; none before the first group.
    length: Option<u64>,
    mark: Mark,
    /// Where lines go once the name belongs to another run.
    kept: Option<(PathBuf, File)>,
}

impl Lines {
    /// The file is opened, or made, with the first group.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None, length: None, mark: Mark::default(), kept: None }
    }

    /// A file that is there, whose lines are this run's. It is opened now, as another run may put its own in its place.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let mut lines = Self::new(path);
        let (file, length) = lines.open()?;
        (lines.file, lines.length) = (Some(file), Some(length));
        Ok(lines)
    }

    /// What the file is known by.
    pub(super) fn mark(&self) -> Mark {
        self.mark.clone()
    }

    /// Makes lines durable. On an error none of them counts.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        if let Some((name, kept)) = &mut self.kept {
            // Nothing is begun any more; what comes of calls under way is known to nobody else.
            let written = kept.write_all(bytes).and_then(|()| kept.sync_data());
            return Err(Trouble::Taken(written.map(|()| name.clone()).map_err(|error| error.to_string())));
        }
        let (mut file, length) = match (self.file.take(), self.length) {
            (Some(file), Some(length)) if self.mark.is_at(&self.path) => (file, length),
            (Some(file), Some(length)) => return Err(self.put_away(file, length, bytes)),
            _ => self.open()?,
        };
        self.length = Some(length);
        file.write_all(bytes).and_then(|()| file.sync_data()).inspect_err(|_| {
            // Take back the half that was written. Where that fails too, and after a failed sync, nothing is certain:
            // the file is opened and cut back anew next time.
            let _ = file.set_len(length);
        })?;
        let length = length + bytes.len() as u64;
        self.mark.set(&file.metadata()?, length);
        (self.file, self.length) = (Some(file), Some(length));
        Ok(())
    }

    /// Opens the file, and cuts off what is not durable: a line that is appended to the half of another is lost with it.
    fn open(&self) -> io::Result<(File, u64)> {
        let file = OpenOptions::new().read(true).append(true).create(true).mode(MODE).open(&self.path)?;
        atomic::sync_folder(&self.path)?;
        let there = file.metadata()?.len();
        let length = match self.length {
            Some(length) => length.min(there),
            None => whole_lines(&file, there)?,
        };
        if length < there {
            file.set_len(length)?;
            file.sync_data()?;
        }
        self.mark.set(&file.metadata()?, length);
        Ok((file, length))
    }

    /// Keeps what this run wrote down, and these lines, under another name: its own belongs to another run, or nothing has
    /// it any more.
    fn put_away(&mut self, mut file: File, length: u64, bytes: &[u8]) -> Trouble {
        let mut copied = || {
            let (name, mut kept) = beside(&self.path)?;
            file.rewind()?;
            io::copy(&mut (&file).take(length), &mut kept)?;
            kept.write_all(bytes).and_then(|()| kept.sync_data())?;
            atomic::sync_folder(&name)?;
            Ok((name, kept))
        };
        match copied() {
            Ok((name, kept)) => {
                self.kept = Some((name.clone(), kept));
                Trouble::Taken(Ok(name))
            }
            Err(error) => {
                // The handle is all that is left of it: it is tried again with what follows.
                let error: io::Error = error;
                (self.file, self.length) = (Some(file), Some(length));
                Trouble::Taken(Err(error.to_string()))
            }
        }
    }
}

/// A new file beside this one: its name with a number.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 1;
    loop {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        match OpenOptions::new().append(true).create_new(true).mode(MODE).open(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            other => return other.map(|file| (name.into(), file)),
        }
    }
}

/// How many of the bytes of a file are whole lines.
fn whole_lines(mut file: &File, length: u64) -> io::Result<u64> {
    let mut end = [b'\n'];
    if length > 0 {
        file.seek(SeekFrom::Start(length - 1))?;
        file.read_exact(&mut end)?;
    }
    if end == [b'\n'] {
        return Ok(length);
    }
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods)] // files for this test alone
    fn half_a_line_that_could_not_be_taken_back_is_cut_off_before_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let mut lines = Lines::new(&path);
        lines.append(b"one\n").expect("appended");
        // A group that broke off, on a file that could not be cut back either.
        lines.file = None;
        std::fs::write(&path, "one\ntwo\nthr").expect("written");
        lines.append(b"four\n").expect("appended");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "one\nfour\n");
        // The same, found by another process.
        std::fs::write(&path, "one\nfour\nfi").expect("written");
        let mut lines = Lines::new(&path);
        lines.append(b"six\n").expect("appended");
        lines.append(b"seven\n").expect("appended");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "one\nfour\nsix\nseven\n");
        // What cannot be opened is refused, and the lines are whole once it can.
        lines.file = None;
        std::fs::remove_file(&path).and_then(|()| std::fs::create_dir(&path)).expect("a folder");
        lines.append(b"eight\n").expect_err("a folder");
        std::fs::remove_dir(&path).expect("removed");
        lines.append(b"nine\n").expect("appended");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "nine\n");
    }

    #[test]
    #[allow(clippy::disallowed_methods)] // files for this test alone
    fn a_run_whose_file_is_gone_or_another_stops_and_keeps_its_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("text");
        let takings: [fn(&Path); 3] = [
            |path| std::fs::remove_file(path).expect("removed"),
            |path| atomic::replace(path, b"other\n", MODE).expect("replaced"),
            |path| Lines::of(path).expect("opened").append(b"other\n").expect("appended"),
        ];
        for (number, take) in (1..).zip(takings) {
            let mut lines = Lines::new(&path);
            lines.append(b"one\n").expect("appended");
            lines.append(b"two\n").expect("appended");
            assert!(lines.mark().is_at(&path));
            take(&path);
            let name = format!("journal.{number}");
            for _ in 0..2 {
                let kept = lines.append(b"three\n").expect_err("taken");
                assert!(matches!(kept, Trouble::Taken(Ok(kept)) if kept == folder.path().join(&name)));
            }
            assert_eq!(text(&name), "one\ntwo\nthree\nthree\n");
            // The other run is not disturbed.
            assert!(!path.exists() || text("journal").ends_with("other\n"));
            assert!(!path.exists() || !lines.mark().is_at(&path));
            drop(std::fs::remove_file(&path));
        }
    }
}
