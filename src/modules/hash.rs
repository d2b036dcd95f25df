//! One hash for the content of a folder, the same wherever it was fetched.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::files::entries;

/// The hash that Go's `dirhash.Hash1` gives, and Terraform's lock file holds for providers: of the sorted list of files
/// with theirs. A link counts as a file with its target. `.git` does not count.
pub(super) fn folder(root: &Path) -> io::Result<String> {
    let mut lines = Vec::new();
    for (path, kind) in entries(root)? {
        let bytes = if kind.is_symlink() {
            format!("link {}", std::fs::read_link(root.join(&path))?.display()).into_bytes()
        } else if kind.is_file() {
            std::fs::read(root.join(&path))?
        } else {
            continue;
        };
        let name = path.to_string_lossy().into_owned();
        lines.push((name, hex(&Sha256::digest(&bytes))));
    }
    lines.sort();
    let mut list = Sha256::new();
    for (name, hash) in lines {
        list.update(format!("{hash}  {name}\n"));
    }
    Ok(format!("h1:{}", STANDARD.encode(list.finalize())))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::files;

    #[test]
    fn the_content_counts_and_nothing_else() {
        let (a, b) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        for root in [a.path(), b.path()] {
            files::write(&root.join("main.tf"), b"x").expect("written");
            files::write(&root.join("sub/b.tf"), b"y").expect("written");
        }
        files::write(&b.path().join(".git/HEAD"), b"z").expect("written");
        let first = folder(a.path()).expect("a hash");
        assert_eq!(first, folder(b.path()).expect("a hash"));
        // sha256 of the two lines that sha256sum prints for these files.
        assert!(first.starts_with("h1:") && first.len() == 47, "{first}");
        files::write(&b.path().join("sub/b.tf"), b"z").expect("written");
        assert_ne!(first, folder(b.path()).expect("a hash"));
    }
}
