//! What goes into an archive, in the order of the provider: one file, one text, several texts, or a folder.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::args::Args;
use super::glob::Glob;

/// A file of the archive.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its path in the archive.
    pub name: String,
    pub content: Content,
}

/// Where its content comes from.
#[derive(Debug)]
pub(super) enum Content {
    Text(String),
    /// A file with these permission bits.
    File(PathBuf, u32),
}

impl Entry {
    /// The content.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, String> {
        match &self.content {
            Content::Text(text) => Ok(text.clone().into_bytes()),
            Content::File(path, _) => fs::read(path).map_err(|error| cannot_read(path, &error)),
        }
    }
}

/// What the arguments ask for. A folder without files, or with none left, is an error.
pub(super) fn entries(want: &Args) -> Result<Vec<Entry>, String> {
    if let Some(folder) = &want.source_dir {
        return folder_entries(Path::new(folder), want);
    }
    if let Some(path) = &want.source_file {
        let metadata = fs::metadata(path).map_err(|error| cannot_read(Path::new(path), &error))?;
        let name = Path::new(path).file_name().unwrap_or_default();
        return Ok(vec![file(Path::new(path), text(Path::new(name))?, &metadata)?]);
    }
    let entry = |name: &str, content: &str| Entry { name: name.to_owned(), content: Content::Text(content.to_owned()) };
    if let Some(name) = &want.source_content_filename {
        return Ok(vec![entry(name, want.source_content.as_deref().unwrap_or_default())]);
    }
    let mut entries: Vec<Entry> = want.source.iter().map(|source| entry(&source.filename, &source.content)).collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn folder_entries(folder: &Path, want: &Args) -> Result<Vec<Entry>, String> {
    let metadata = fs::metadata(folder).map_err(|error| cannot_read(folder, &error))?;
    if !metadata.is_dir() {
        return Err(format!("`source_dir` \"{}\" is a file. Give a folder, or use `source_file`.", folder.display()));
    }
    let patterns = want.excludes.iter().flat_map(|patterns| patterns.iter()).filter(|pattern| !pattern.is_empty());
    let glob = |pattern: &String| {
        Glob::parse(pattern).ok_or_else(|| {
            format!("\"{pattern}\" in `excludes` is no pattern: a bracket or brace is not closed, or a class is empty.")
        })
    };
    let walk = Walk {
        excludes: patterns.map(glob).collect::<Result<_, _>>()?,
        without_links: want.exclude_symlink_directories == Some(true),
        output: fs::canonicalize(&want.output_path).ok(),
    };
    let mut entries = Vec::new();
    let is_left_out = walk.is_excluded(".") || walk.without_links && folder.is_symlink();
    if !is_left_out {
        walk.folder(folder, "", &mut Vec::new(), &mut entries)?;
    }
    if entries.is_empty() {
        return Err(format!(
            "The archive would be empty: \"{}\" has no files, or `excludes` leaves out all of them.",
            folder.display()
        ));
    }
    Ok(entries)
}

struct Walk {
    excludes: Vec<Glob>,
    without_links: bool,
    /// The archive itself, when it lies in the folder: it cannot hold itself.
    output: Option<PathBuf>,
}

impl Walk {
    fn is_excluded(&self, name: &str) -> bool {
        self.excludes.iter().any(|glob| glob.matches(name))
    }

    /// The files of a folder by name, each folder where its name stands; `above` are the real paths of those it lies in.
    fn folder(
        &self,
        folder: &Path,
        prefix: &str,
        above: &mut Vec<PathBuf>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), String> {
        let real = fs::canonicalize(folder).map_err(|error| cannot_read(folder, &error))?;
        if above.contains(&real) {
            return Err(format!(
                "\"{}\" is a link back to a folder above it. Leave it out with `excludes` or `exclude_symlink_directories = true`.",
                folder.display()
            ));
        }
        above.push(real);
        let cannot = |error: std::io::Error| cannot_read(folder, &error);
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)
            .map_err(cannot)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(cannot)?;
        paths.sort();
        for path in paths {
            let base = text(Path::new(path.file_name().unwrap_or_default()))?;
            let name = if prefix.is_empty() { base } else { format!("{prefix}/{base}") };
            if self.is_excluded(&name) || self.output.is_some() && fs::canonicalize(&path).ok() == self.output {
                continue;
            }
            let metadata = fs::metadata(&path).map_err(|error| cannot_read(&path, &error))?;
            if !metadata.is_dir() {
                entries.push(file(&path, name, &metadata)?);
            } else if !(self.without_links && path.is_symlink()) {
                self.folder(&path, &name, above, entries)?;
            }
        }
        above.pop();
        Ok(())
    }
}

fn file(path: &Path, name: String, metadata: &fs::Metadata) -> Result<Entry, String> {
    if !metadata.is_file() {
        return Err(format!("\"{}\" is no plain file.", path.display()));
    }
    Ok(Entry { name, content: Content::File(path.to_owned(), metadata.permissions().mode() & 0o7777) })
}

fn text(path: &Path) -> Result<String, String> {
    path.to_str().map(str::to_owned).ok_or_else(|| format!("The name of \"{}\" is not UTF-8.", path.display()))
}

fn cannot_read(path: &Path, error: &std::io::Error) -> String {
    format!("\"{}\" cannot be read: {error}.", path.display())
}
