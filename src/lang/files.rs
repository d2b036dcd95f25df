//! Where stack files come from: the disk, or a snapshot of what was read from it before.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::installed::data_dir;

/// Everything that loading a configuration read: a configuration can be loaded again from it alone, whatever became of
/// the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Names of the files in each folder that was listed, sorted.
    pub folders: BTreeMap<PathBuf, Vec<String>>,
    /// Texts of the files that were read.
    pub files: BTreeMap<PathBuf, Arc<str>>,
}

/// Reads folders and files, and remembers what it read.
#[derive(Debug)]
pub struct Files {
    /// What may be read; the disk when there is none.
    only: Option<Snapshot>,
    seen: RefCell<Snapshot>,
    data_dir: Option<PathBuf>,
}

impl Files {
    /// Reads from the disk.
    pub fn disk() -> Self {
        Self { only: None, seen: RefCell::default(), data_dir: None }
    }

    /// Reads from a snapshot and never from the disk.
    pub fn of(snapshot: Snapshot) -> Self {
        Self { only: Some(snapshot), seen: RefCell::default(), data_dir: None }
    }

    /// Looks for installed modules in this folder instead of `.terraform` (`TF_DATA_DIR`).
    #[must_use]
    pub fn with_data_dir(mut self, dir: Option<PathBuf>) -> Self {
        self.data_dir = dir;
        self
    }

    /// The folder given for installed modules.
    pub fn data_dir(&self) -> Option<&Path> {
        self.data_dir.as_deref()
    }

    /// Where the manifest of installed modules is: in a snapshot where it was, whatever is said about folders now.
    pub(super) fn manifest(&self, stack: &Path) -> PathBuf {
        let is_manifest = |path: &&PathBuf| path.ends_with("modules/modules.json");
        let kept = self.only.as_ref().and_then(|snapshot| snapshot.files.keys().find(is_manifest));
        kept.cloned().unwrap_or_else(|| data_dir(stack, self.data_dir()).join("modules/modules.json"))
    }

    /// Names of the files of a folder, sorted, without folders and without names that are not text.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn names(&self, dir: &Path) -> io::Result<Vec<String>> {
        let names = match &self.only {
            Some(snapshot) => snapshot.folders.get(dir).cloned().ok_or(io::ErrorKind::NotFound)?,
            None => on_disk(dir)?,
        };
        self.seen.borrow_mut().folders.insert(dir.to_owned(), names.clone());
        Ok(names)
    }

    /// The text of a file.
    ///
    /// # Errors
    /// The file cannot be read, or is not UTF-8.
    pub fn read(&self, path: &Path) -> io::Result<Arc<str>> {
        let text = match &self.only {
            Some(snapshot) => snapshot.files.get(path).cloned().ok_or(io::ErrorKind::NotFound)?,
            None => std::fs::read_to_string(path)?.into(),
        };
        self.seen.borrow_mut().files.insert(path.to_owned(), text.clone());
        Ok(text)
    }

    /// What was read so far.
    pub fn into_snapshot(self) -> Snapshot {
        self.seen.into_inner()
    }
}

fn on_disk(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !entry.path().is_dir() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_gives_what_was_read_and_nothing_else() {
        let temp = tempfile::tempdir().expect("a folder");
        let path = temp.path().join("main.tf");
        #[allow(clippy::disallowed_methods)] // a file for this test alone
        std::fs::write(&path, "a").expect("written");
        let files = Files::disk();
        assert_eq!(files.names(temp.path()).ok(), Some(vec!["main.tf".to_owned()]));
        assert_eq!(files.read(&path).ok().as_deref(), Some("a"));
        assert!(files.read(&temp.path().join("none")).is_err());
        let snapshot = files.into_snapshot();
        drop(temp);
        let again = Files::of(snapshot.clone());
        assert_eq!(again.names(path.parent().expect("its folder")).ok(), Some(vec!["main.tf".to_owned()]));
        assert_eq!(again.read(&path).ok().as_deref(), Some("a"));
        assert!(again.names(Path::new("/")).is_err());
        assert_eq!(again.into_snapshot(), snapshot);
    }
}
