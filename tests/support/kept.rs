//! A stack as it was at a moment, to go back to as often as wanted: its account and its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::stack::Stack;

/// The files of a stack at a moment; its account keeps itself.
pub struct Kept {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Stack {
    /// Keeps the account and the folder as they are; once in an account.
    pub fn keep(&self) -> Kept {
        self.emulator().snapshot();
        Kept { files: all_files(&self.path("")) }
    }

    /// Makes the account and the folder what they were.
    pub fn go_back(&self, kept: &Kept) {
        self.emulator().restore();
        let files = all_files(&self.path(""));
        for path in files.keys().filter(|path| !kept.files.contains_key(*path)) {
            std::fs::remove_file(path).unwrap();
        }
        for (path, bytes) in kept.files.iter().filter(|(path, bytes)| files.get(*path) != Some(bytes)) {
            std::fs::write(path, bytes).unwrap();
        }
    }
}

/// The files of a folder and of those inside.
fn all_files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(all_files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            files.insert(path, bytes);
        }
    }
    files
}
