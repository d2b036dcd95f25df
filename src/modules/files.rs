//! Folders of packages: nothing in one may lead out of it.

use std::collections::VecDeque;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use tempfile::NamedTempFile;

/// The most links that are followed on the way to one file.
const MOST_LINKS: usize = 40;

/// Whether an entry of an archive may be unpacked to this path: relative, without `..`.
pub(super) fn is_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        && path.components().any(|part| matches!(part, Component::Normal(_)))
}

/// Whether a link at `link` (relative to the root) with this target stays inside of the root, every other link on the
/// way considered. What does not exist is taken as it is written.
pub(super) fn stays_inside(root: &Path, link: &Path, target: &Path) -> bool {
    let mut here: Vec<std::ffi::OsString> =
        link.parent().into_iter().flat_map(Path::components).map(|part| part.as_os_str().to_owned()).collect();
    let mut rest: VecDeque<PathBuf> = target.components().map(|part| PathBuf::from(part.as_os_str())).collect();
    let mut followed = 0;
    while let Some(step) = rest.pop_front() {
        match step.components().next() {
            None | Some(Component::CurDir) => {}
            Some(Component::RootDir | Component::Prefix(_)) => return false,
            Some(Component::ParentDir) => {
                if here.pop().is_none() {
                    return false;
                }
            }
            Some(Component::Normal(name)) => {
                here.push(name.to_owned());
                let path = root.join(here.iter().collect::<PathBuf>());
                if let Ok(next) = std::fs::read_link(&path) {
                    followed += 1;
                    if followed > MOST_LINKS {
                        return false;
                    }
                    here.pop();
                    for part in next.components().rev() {
                        rest.push_front(PathBuf::from(part.as_os_str()));
                    }
                }
            }
        }
    }
    true
}

/// The first link below a folder that leads out of it, relative to the folder.
pub(super) fn link_outside(root: &Path) -> io::Result<Option<PathBuf>> {
    for (path, kind) in entries(root)? {
        if kind.is_symlink() && !stays_inside(root, &path, &std::fs::read_link(root.join(&path))?) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Everything below a folder but `.git`: paths relative to it, sorted, folders before what is in them.
pub(super) fn entries(root: &Path) -> io::Result<Vec<(PathBuf, std::fs::FileType)>> {
    let (mut all, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let (path, kind) = (folder.join(entry.file_name()), entry.file_type()?);
            if entry.file_name() == ".git" {
                continue;
            }
            if kind.is_dir() {
                folders.push(path.clone());
            }
            all.push((path, kind));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

/// Copies a package, without `.git`.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for (path, kind) in entries(from)? {
        let (source, target) = (from.join(&path), to.join(&path));
        if kind.is_dir() {
            std::fs::create_dir_all(target)?;
        } else if kind.is_symlink() {
            symlink(std::fs::read_link(source)?, target)?;
        } else if kind.is_file() {
            std::fs::copy(source, target)?;
        }
    }
    Ok(())
}

/// Removes a folder, a link or a file, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Replaces a file by these bytes, or leaves it as it is.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    let mut file: NamedTempFile =
        builder.permissions(std::fs::Permissions::from_mode(0o644)).prefix(".glaz-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_inside() {
        for (path, expected) in
            [("a/b", true), ("./a", true), ("../a", false), ("a/../b", false), ("/a", false), ("", false), (".", false)]
        {
            assert_eq!(is_inside(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn links_that_lead_out() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        std::fs::create_dir_all(root.join("a/b")).expect("a folder");
        symlink("../..", root.join("a/b/up")).expect("a link");
        let inside = |link: &str, target: &str| stays_inside(root, Path::new(link), Path::new(target));
        assert!(inside("x", "a/b"));
        assert!(inside("a/x", "../y"));
        assert!(!inside("x", ".."));
        assert!(!inside("a/x", "../../y"));
        assert!(!inside("x", "/etc/passwd"));
        assert!(inside("a/b/up", "../.."));
        // As it is written it stays inside; through the other link it does not.
        assert!(!inside("x", "a/b/up/.."));
        assert_eq!(link_outside(root).expect("read"), None);
        symlink("a/b/up/..", root.join("bad")).expect("a link");
        assert_eq!(link_outside(root).expect("read"), Some(PathBuf::from("bad")));
        symlink("loop", root.join("loop")).expect("a link");
        assert!(!inside("x", "loop"));
    }
}
