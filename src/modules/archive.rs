//! Unpacks archives into an empty folder, and nothing beside it.

use std::fs::File;
use std::io::{self, Cursor, Read, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::files::{is_inside, stays_inside};

/// The most bytes that one archive may unpack to: 1 GiB.
const MOST_BYTES: u64 = 1 << 30;
/// The most entries that one archive may have.
const MOST_ENTRIES: usize = 100_000;

/// Endings of archives that Terraform knows.
const ENDINGS: [&str; 14] =
    ["tar.gz", "tgz", "tar.bz2", "tbz2", "tar.xz", "txz", "tar.zst", "tzst", "zip", "tar", "gz", "bz2", "xz", "zst"];

/// Kinds of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Zip,
    Tar,
    TarGz,
}

impl Kind {
    /// By the name that `archive=` gives, or by the ending of a path. An error names a kind that glaz cannot unpack.
    pub(super) fn of(given: Option<&str>, path: &str) -> Result<Option<Self>, String> {
        let name = if let Some(name) = given {
            name.to_lowercase()
        } else {
            let file = path.rsplit('/').next().unwrap_or_default().to_lowercase();
            match ENDINGS.iter().find(|ending| file.ends_with(&format!(".{ending}"))) {
                Some(ending) => (*ending).to_owned(),
                None => return Ok(None),
            }
        };
        match name.as_str() {
            "zip" => Ok(Some(Self::Zip)),
            "tar" => Ok(Some(Self::Tar)),
            "tar.gz" | "tgz" => Ok(Some(Self::TarGz)),
            "false" | "0" => Ok(None),
            other => {
                Err(format!("archives of the kind \"{other}\" cannot be unpacked: glaz reads zip, tar and tar.gz"))
            }
        }
    }
}

/// Counts what was unpacked.
struct Budget {
    bytes: u64,
    entries: usize,
}

impl Budget {
    fn entry(&mut self) -> io::Result<()> {
        self.entries =
            self.entries.checked_sub(1).ok_or_else(|| wrong(format!("it has more than {MOST_ENTRIES} entries")))?;
        Ok(())
    }

    /// Writes one file, as far as the budget goes.
    fn file(&mut self, path: &Path, is_executable: bool, mut from: impl Read) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mode = if is_executable { 0o755 } else { 0o644 };
        // A second entry of the same name would be a mistake, or a trick: nothing is ever written over.
        let mut file = File::options().write(true).create_new(true).mode(mode).open(path)?;
        let mut part = [0; 8 * 1024];
        loop {
            let count = from.read(&mut part)?;
            if count == 0 {
                return Ok(());
            }
            let size = u64::try_from(count).unwrap_or(u64::MAX);
            self.bytes = self
                .bytes
                .checked_sub(size)
                .ok_or_else(|| wrong(format!("it unpacks to more than {MOST_BYTES} bytes")))?;
            file.write_all(&part[..count])?;
        }
    }
}

/// Unpacks an archive into an empty folder.
///
/// # Errors
/// The archive is damaged or too large, or an entry would leave the folder. The folder is left half-filled.
pub(super) fn unpack(kind: Kind, bytes: &[u8], into: &Path) -> io::Result<()> {
    let mut budget = Budget { bytes: MOST_BYTES, entries: MOST_ENTRIES };
    let links = match kind {
        Kind::Zip => zip(bytes, into, &mut budget)?,
        Kind::Tar => tar(bytes, into, &mut budget)?,
        Kind::TarGz => tar(MultiGzDecoder::new(bytes), into, &mut budget)?,
    };
    // Links come last, so that no file is ever written through one.
    for (link, target) in &links {
        let above = link.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
        if above.map(|above| into.join(above)).any(|above| above.is_symlink()) {
            return Err(wrong(format!("the link {} stands behind another link", link.display())));
        }
        let path = into.join(link);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        symlink(target, path)?;
    }
    match links.iter().find(|(link, target)| !stays_inside(into, link, target)) {
        Some((link, _)) => Err(wrong(format!("the link {} leads out of it", link.display()))),
        None => Ok(()),
    }
}

type Links = Vec<(PathBuf, PathBuf)>;

fn tar(from: impl Read, into: &Path, budget: &mut Budget) -> io::Result<Links> {
    let mut links = Links::new();
    let mut archive = tar::Archive::new(from);
    for entry in archive.entries()? {
        let mut entry = entry?;
        budget.entry()?;
        let kind = entry.header().entry_type();
        if kind.is_pax_global_extensions()
            || kind.is_pax_local_extensions()
            || kind.is_gnu_longname()
            || kind.is_gnu_longlink()
        {
            continue;
        }
        let path = entry.path()?.into_owned();
        if kind.is_dir() && path.components().all(|part| part == std::path::Component::CurDir) {
            continue;
        }
        let path = inside(path)?;
        if kind.is_dir() {
            std::fs::create_dir_all(into.join(path))?;
        } else if kind.is_symlink() {
            let target =
                entry.link_name()?.ok_or_else(|| wrong(format!("the link {} leads nowhere", path.display())))?;
            links.push((path, target.into_owned()));
        } else if kind.is_hard_link() {
            let target =
                entry.link_name()?.ok_or_else(|| wrong(format!("the link {} leads nowhere", path.display())))?;
            let source = into.join(inside(target.into_owned())?);
            let is_executable = is_executable(&source.symlink_metadata()?.permissions());
            budget.file(&into.join(path), is_executable, File::open(source)?)?;
        } else if kind.is_file() {
            let is_executable = entry.header().mode()? & 0o111 != 0;
            budget.file(&into.join(path), is_executable, &mut entry)?;
        } else {
            return Err(wrong(format!("{} is neither a file nor a folder nor a link", path.display())));
        }
    }
    Ok(links)
}

fn zip(bytes: &[u8], into: &Path, budget: &mut Budget) -> io::Result<Links> {
    let mut links = Links::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| wrong(error.to_string()))?;
    for at in 0..archive.len() {
        budget.entry()?;
        let mut entry = archive.by_index(at).map_err(|error| wrong(error.to_string()))?;
        let name = entry.name().map_err(|error| wrong(error.to_string()))?.into_owned();
        let path = inside(PathBuf::from(name))?;
        let mode = entry.unix_mode().unwrap_or(0o644);
        if entry.is_dir() {
            std::fs::create_dir_all(into.join(path))?;
        } else if mode & 0o170_000 == 0o120_000 {
            let mut target = String::new();
            entry.by_ref().take(4096).read_to_string(&mut target)?;
            links.push((path, PathBuf::from(target)));
        } else {
            budget.file(&into.join(path), mode & 0o111 != 0, &mut entry)?;
        }
    }
    Ok(links)
}

fn inside(path: PathBuf) -> io::Result<PathBuf> {
    let is_text = !path.as_os_str().as_encoded_bytes().iter().any(|byte| matches!(byte, 0 | b'\\'));
    if is_inside(&path) && is_text {
        Ok(path)
    } else {
        Err(wrong(format!("the entry \"{}\" is outside of it", path.display())))
    }
}

fn is_executable(permissions: &std::fs::Permissions) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    permissions.mode() & 0o111 != 0
}

fn wrong(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
