//! A journal in a file: whole groups of lines are appended, and what is not durable is cut off before anything follows.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::location::MODE;
use crate::state::store::atomic;

/// A file that lines are appended to.
pub(super) struct Lines {
    path: PathBuf,
    /// None before the first group, and after an error.
    file: Option<File>,
    /// Bytes that are durable; none before the first group.
    length: Option<u64>,
}

impl Lines {
    /// The file is opened, or made, with the first group.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None, length: None }
    }

    /// Makes lines durable. On an error none of them counts.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (mut file, length) = match (self.file.take(), self.length) {
            (Some(file), Some(length)) => (file, length),
            _ => self.open()?,
        };
        self.length = Some(length);
        file.write_all(bytes).and_then(|()| file.sync_data()).inspect_err(|_| {
            // Take back the half that was written. Where that fails too, and after a failed sync, nothing is certain:
            // the file is opened and cut back anew next time.
            let _ = file.set_len(length);
        })?;
        self.length = Some(length + bytes.len() as u64);
        self.file = Some(file);
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
        Ok((file, length))
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
}
