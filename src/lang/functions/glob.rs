//! Patterns of `fileset`: `*`, `?`, `[a-z]`, `{a,b}` inside one part of a path, and `**` for any number of parts.

use std::path::{Path, PathBuf};

const BAD: &str = "syntax error in pattern";

/// Everything a pattern matches, directories too. What cannot be read is passed over.
pub(super) fn find(pattern: &str) -> Result<Vec<PathBuf>, String> {
    let (start, rest) = match pattern.strip_prefix('/') {
        Some(rest) => (PathBuf::from("/"), rest),
        None => (PathBuf::new(), pattern),
    };
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    for part in parts.iter().filter(|part| **part != "**") {
        matches(part, "").ok_or(BAD)?;
    }
    let mut found = Vec::new();
    walk(&start, &parts, 0, &mut found);
    found.sort();
    found.dedup();
    Ok(found)
}

/// Directories nested deeper than this are not entered.
const DEEPEST: usize = 256;

fn walk(at: &Path, parts: &[&str], depth: usize, found: &mut Vec<PathBuf>) {
    let Some((part, rest)) = parts.split_first() else {
        found.push(at.to_owned());
        return;
    };
    if *part == "**" {
        if !at.as_os_str().is_empty() && !at.is_dir() {
            return;
        }
        walk(at, rest, depth, found);
        for (name, is_dir) in entries(at) {
            let below = at.join(name);
            if is_dir && depth < DEEPEST {
                walk(&below, parts, depth + 1, found);
            } else if rest.is_empty() {
                found.push(below);
            }
        }
    } else if part.contains(['*', '?', '[', '{', '\\']) {
        for (name, _) in entries(at) {
            if matches(part, &name) == Some(true) {
                walk(&at.join(name), rest, depth, found);
            }
        }
    } else {
        let below = at.join(part);
        if below.exists() {
            walk(&below, rest, depth, found);
        }
    }
}

/// Names in a directory and whether they are directories themselves; links are not followed.
fn entries(at: &Path) -> Vec<(String, bool)> {
    let at = if at.as_os_str().is_empty() { Path::new(".") } else { at };
    let Ok(entries) = std::fs::read_dir(at) else { return Vec::new() };
    let entry = |entry: std::fs::DirEntry| {
        (entry.file_name().to_string_lossy().into_owned(), entry.file_type().is_ok_and(|kind| kind.is_dir()))
    };
    entries.filter_map(Result::ok).map(entry).collect()
}

/// Whether a name matches a pattern; nothing when the pattern is wrong.
fn matches(pattern: &str, name: &str) -> Option<bool> {
    for alternative in alternatives(pattern)? {
        let pattern: Vec<char> = alternative.chars().collect();
        let name: Vec<char> = name.chars().collect();
        if simple(&pattern, &name)? {
            return Some(true);
        }
    }
    Some(false)
}

/// The pattern with its braces written out, one for each choice.
fn alternatives(pattern: &str) -> Option<Vec<String>> {
    const MOST: usize = 1024;
    let mut open = vec![pattern.to_owned()];
    let mut done = Vec::new();
    while let Some(pattern) = open.pop() {
        if open.len() + done.len() > MOST {
            return None;
        }
        let Some(start) = unescaped(&pattern, 0, '{') else {
            done.push(pattern);
            continue;
        };
        let end = unescaped(&pattern, start, '}')?;
        let mut choice = start + 1;
        while let Some(comma) = unescaped(&pattern, choice, ',').filter(|&comma| comma < end) {
            open.push(format!("{}{}{}", &pattern[..start], &pattern[choice..comma], &pattern[end + 1..]));
            choice = comma + 1;
        }
        open.push(format!("{}{}{}", &pattern[..start], &pattern[choice..end], &pattern[end + 1..]));
    }
    Some(done)
}

fn unescaped(text: &str, from: usize, wanted: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices().filter(|(at, _)| *at >= from) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == wanted {
            return Some(at);
        }
    }
    None
}

/// One element of a pattern: a star, or a test of one character.
enum Element {
    Star,
    One,
    Exactly(char),
    Class(bool, Vec<(char, char)>),
}

fn simple(pattern: &[char], name: &[char]) -> Option<bool> {
    let elements = elements(pattern)?;
    let fits = |element: &Element, character: char| match element {
        Element::Star => false,
        Element::One => true,
        Element::Exactly(wanted) => *wanted == character,
        Element::Class(negated, ranges) => {
            ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
        }
    };
    // Goes back to the last star when something does not fit.
    let (mut e, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match elements.get(e) {
            Some(Element::Star) => {
                star = Some((e, n));
                e += 1;
            }
            Some(element) if fits(element, name[n]) => {
                e += 1;
                n += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return Some(false) };
                star = Some((at, taken + 1));
                e = at + 1;
                n = taken + 1;
            }
        }
    }
    Some(elements[e..].iter().all(|element| matches!(element, Element::Star)))
}

fn elements(pattern: &[char]) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    let mut at = 0;
    while let Some(&character) = pattern.get(at) {
        at += 1;
        elements.push(match character {
            '*' => Element::Star,
            '?' => Element::One,
            '\\' => {
                at += 1;
                Element::Exactly(*pattern.get(at - 1)?)
            }
            '[' => {
                let negated = matches!(pattern.get(at), Some('^' | '!'));
                at += usize::from(negated);
                let mut ranges = Vec::new();
                loop {
                    let low = class_character(pattern, &mut at)?;
                    let Some(low) = low else {
                        if ranges.is_empty() {
                            return None;
                        }
                        break;
                    };
                    let high = if pattern.get(at) == Some(&'-') && pattern.get(at + 1).is_some_and(|&next| next != ']')
                    {
                        at += 1;
                        class_character(pattern, &mut at)??
                    } else {
                        low
                    };
                    ranges.push((low, high));
                }
                Element::Class(negated, ranges)
            }
            other => Element::Exactly(other),
        });
    }
    Some(elements)
}

/// The next character of a class, nothing inside at its end, nothing at all when the pattern ends.
#[allow(clippy::option_option)] // said just above
fn class_character(pattern: &[char], at: &mut usize) -> Option<Option<char>> {
    let character = *pattern.get(*at)?;
    *at += 1;
    match character {
        ']' => Some(None),
        '\\' => {
            *at += 1;
            Some(Some(*pattern.get(*at - 1)?))
        }
        other => Some(Some(other)),
    }
}
