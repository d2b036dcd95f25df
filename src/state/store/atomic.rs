//! Files that are either the old or the new one, never half: written beside, synced, renamed.

use std::borrow::Cow;
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use tempfile::NamedTempFile;

/// Permissions of a new state file, less what the umask takes away.
pub const STATE_MODE: u32 = 0o644;

/// Why a file cannot be written.
pub struct Reason {
    /// What follows a colon.
    pub text: Cow<'static, str>,
    /// What to do.
    pub help: &'static str,
}

impl Reason {
    /// What the operating system said, for people.
    pub fn of(error: &io::Error) -> Self {
        let (text, help) = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                ("the disk is full".into(), "Free some space and run the command again.")
            }
            io::ErrorKind::ReadOnlyFilesystem => {
                ("the disk is read-only".into(), "Make it writable and run the command again.")
            }
            io::ErrorKind::PermissionDenied => (
                "its folder may not be written".into(),
                "Give yourself write permission on the folder and run the command again.",
            ),
            io::ErrorKind::FileTooLarge => {
                ("files may not grow that large here (ulimit -f)".into(), "Raise the limit and run the command again.")
            }
            _ => (error.to_string().into(), "Remove the cause and run the command again."),
        };
        Self { text, help }
    }

    /// Whether the disk is what refuses, not the path or its permissions.
    pub fn is_of_disk(error: &io::Error) -> bool {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge | ReadOnlyFilesystem)
    }
}

/// Replaces the file, or makes it with `mode`. An existing file keeps its permissions. On an error the old file is
/// intact and nothing else is left behind.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let file = beside(path, mode, |file| file.write_all(bytes))?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// The same with what is left to read in `from`.
pub fn copy(mut from: &File, path: &Path, mode: u32) -> io::Result<()> {
    let file = beside(path, mode, |file| io::copy(&mut from, file).map(drop))?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// Replaces the file by one that has exactly `mode`, whatever the old one had: for what its owner alone may read.
pub fn replace_private(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let file = beside(path, mode, |file| {
        file.set_permissions(Permissions::from_mode(mode))?;
        file.write_all(bytes)
    })?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// A synced file in the folder of `path`, ready to be renamed to it. It vanishes when dropped.
pub(in crate::state) fn beside(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".tmp").permissions(Permissions::from_mode(mode));
    let mut file = builder.tempfile_in(folder(path))?;
    if let Ok(old) = path.metadata() {
        file.as_file().set_permissions(Permissions::from_mode(old.mode() & 0o7777))?;
        // Keep the owner when we may; when we may not, the new owner is who writes, as with any editor.
        let owner = (rustix::fs::Uid::from_raw(old.uid()), rustix::fs::Gid::from_raw(old.gid()));
        let _ = rustix::fs::fchown(file.as_file(), Some(owner.0), Some(owner.1));
    }
    fill(file.as_file_mut())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes names in the folder of `path` durable.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

/// The folder that holds `path`.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
