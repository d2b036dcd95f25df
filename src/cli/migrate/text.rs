//! The files of one module as text, with what changes in them. Only what has to change does: everything else stays as
//! it is written, comments included.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::Span;
use crate::lang::syntax::format::format;
use crate::lang::syntax::parse;
use crate::lang::syntax::tree::{Block, Body};
use crate::lang::{Snapshot, clean};

/// One file.
struct File {
    path: PathBuf,
    text: Arc<str>,
    body: Body,
    edits: Vec<(Range<usize>, String)>,
}

/// A place in one of the files.
#[derive(Clone, Copy, Debug)]
pub(super) struct At(usize);

/// The files of a module.
pub(super) struct ModuleText(Vec<File>);

/// A file before and after.
pub(super) struct Edited {
    pub path: PathBuf,
    pub old: Arc<str>,
    pub new: String,
}

impl ModuleText {
    /// The files in the module's folder that are written in the native syntax.
    pub(super) fn of(snapshot: &Snapshot, dir: &Path) -> Self {
        let is_here = |path: &Path| clean(path.parent().unwrap_or(Path::new("."))) == clean(dir);
        let file = |(path, text): (&PathBuf, &Arc<str>)| {
            // What is wrong with a file was said when the stack was opened.
            let (body, _) = parse(0, text);
            File { path: path.clone(), text: text.clone(), body, edits: Vec::new() }
        };
        let is_native = |path: &Path| path.extension().is_some_and(|ending| ending == "tf");
        Self(snapshot.files.iter().filter(|(path, _)| is_native(path) && is_here(path)).map(file).collect())
    }

    /// The block of a resource.
    pub(super) fn resource(&self, type_name: &str, name: &str) -> Option<(At, Block)> {
        let is_it = |block: &&Block| {
            let labels: Vec<&str> = block.labels.iter().map(|label| &*label.text).collect();
            &*block.kind == "resource" && labels == [type_name, name]
        };
        let found = |(at, file): (usize, &File)| Some((At(at), file.body.blocks.iter().find(is_it)?.clone()));
        self.0.iter().enumerate().find_map(found)
    }

    /// All blocks of a resource type.
    pub(super) fn resources(&self, type_name: &str) -> Vec<(At, Block)> {
        let is_it = |block: &&Block| {
            &*block.kind == "resource" && block.labels.len() == 2 && *block.labels[0].text == *type_name
        };
        let of = |(at, file): (usize, &File)| {
            let found: Vec<Block> = file.body.blocks.iter().filter(is_it).cloned().collect();
            found.into_iter().map(move |block| (At(at), block))
        };
        self.0.iter().enumerate().flat_map(of).collect()
    }

    /// Text under a span.
    pub(super) fn text(&self, at: At, span: Span) -> &str {
        self.0[at.0].text.get(range(span)).unwrap_or_default()
    }

    /// Puts something in place of what is there.
    pub(super) fn replace(&mut self, at: At, span: Span, text: impl Into<String>) {
        self.0[at.0].edits.push((range(span), text.into()));
    }

    /// Puts something behind what is there.
    pub(super) fn after(&mut self, at: At, span: Span, text: impl Into<String>) {
        let end = span.end as usize;
        self.0[at.0].edits.push((end..end, text.into()));
    }

    /// Takes lines out: those of the span, comments right above, and one of the empty lines around.
    pub(super) fn remove(&mut self, at: At, span: Span) {
        let file = &mut self.0[at.0];
        let range = lines(&file.text, range(span));
        file.edits.push((range, String::new()));
    }

    /// Where a word stands that is not taken out, as `file:line`.
    pub(super) fn mentions(&self, word: &str, but: &[Range<usize>], of: At) -> Option<String> {
        for (number, file) in self.0.iter().enumerate() {
            for (start, _) in file.text.match_indices(word) {
                let is_part = |one: Option<char>| one.is_some_and(|one| one.is_alphanumeric() || "_-".contains(one));
                let (before, after) =
                    (file.text[..start].chars().next_back(), file.text[start + word.len()..].chars().next());
                let is_out = number == of.0 && but.iter().any(|range| range.contains(&start));
                let is_removed = file.edits.iter().any(|(range, _)| range.contains(&start));
                if !is_part(before) && before != Some('.') && !is_part(after) && !is_out && !is_removed {
                    let line = file.text[..start].matches('\n').count() + 1;
                    return Some(format!("{}:{line}", file.path.display()));
                }
            }
        }
        None
    }

    /// The files that change.
    pub(super) fn edited(self) -> Vec<Edited> {
        let edited = |mut file: File| {
            file.edits.sort_by_key(|(range, _)| (range.start, range.end));
            let (mut new, mut at) = (String::with_capacity(file.text.len()), 0);
            for (range, text) in &file.edits {
                new.push_str(file.text.get(at..range.start).unwrap_or_default());
                new.push_str(text);
                at = range.end.max(at);
            }
            new.push_str(file.text.get(at..).unwrap_or_default());
            // A file in the canonical layout stays in it; another keeps its own.
            let is_canonical = format(0, &file.text).is_ok_and(|text| text == *file.text);
            let new = if is_canonical { format(0, &new).unwrap_or(new) } else { new };
            Edited { path: file.path, old: file.text, new }
        };
        self.0
            .into_iter()
            .filter(|file| !file.edits.is_empty())
            .map(edited)
            .filter(|one| *one.old != *one.new)
            .collect()
    }
}

/// The snapshot with the files as they are to be.
pub(super) fn overlaid(snapshot: &Snapshot, edited: &[Edited]) -> Snapshot {
    let mut files: BTreeMap<PathBuf, Arc<str>> = snapshot.files.clone();
    files.extend(edited.iter().map(|one| (one.path.clone(), Arc::from(one.new.as_str()))));
    Snapshot { folders: snapshot.folders.clone(), files }
}

pub(super) fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// Whole lines around, with comments right above and the empty lines before.
fn lines(text: &str, range: Range<usize>) -> Range<usize> {
    let start_of = |at: usize| text[..at].rfind('\n').map_or(0, |at| at + 1);
    let mut start = start_of(range.start);
    while start > 0 {
        let above = start_of(start - 1);
        let line = text[above..start].trim();
        if !line.starts_with('#') && !line.starts_with("//") {
            break;
        }
        start = above;
    }
    while start > 0 && text[start_of(start - 1)..start].trim().is_empty() {
        start = start_of(start - 1);
    }
    let end = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at + 1);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> ModuleText {
        let files = [(PathBuf::from("main.tf"), Arc::from(text))].into();
        ModuleText::of(&Snapshot { files, ..Snapshot::default() }, Path::new("."))
    }

    #[test]
    fn a_block_goes_with_its_comment_and_an_empty_line() {
        let mut module = module("a = 1\n\n# of b\nresource \"x\" \"b\" {\n}\n\n# of c\nresource \"x\" \"c\" {\n}\n");
        let (at, block) = module.resource("x", "b").expect("there");
        module.remove(at, block.span);
        let edited = module.edited();
        assert_eq!(edited[0].new, "a = 1\n\n# of c\nresource \"x\" \"c\" {\n}\n");
    }

    #[test]
    fn whole_words_are_mentioned() {
        let module = module("a = x.b_c\nb = data.x.b\nresource \"x\" \"b\" {\n  c = x.b.id\n}\n");
        let (at, block) = module.resource("x", "b").expect("there");
        assert_eq!(module.mentions("x.b", &[], at).as_deref(), Some("main.tf:4"));
        assert_eq!(module.mentions("x.b", &[range(block.span)], at), None);
    }
}
