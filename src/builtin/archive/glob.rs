//! Patterns of `excludes`, as the Go package doublestar reads them: `*` and `?` inside one part of a path, `[a-z]`,
//! `{a,b}`, and `**` as a whole part for any number of parts, none included.

/// The most alternatives that the braces of one pattern may stand for.
const MOST_ALTERNATIVES: usize = 4096;

/// A pattern, its braces written out.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    alternatives: Vec<Vec<Element>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Element {
    /// `**/` at the start of a part: any number of parts.
    Parts,
    /// `**` at the start of a part and the end of the pattern: everything.
    Rest,
    Star,
    One,
    Exactly(char),
    /// Whether it is negated, and the ranges.
    Class(bool, Vec<(char, char)>),
}

impl Glob {
    /// Reads a pattern; nothing when it is badly formed.
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        let characters: Vec<char> = pattern.chars().collect();
        let alternatives = alternatives(&characters)?;
        Some(Self { alternatives: alternatives.iter().map(|one| elements(one)).collect::<Option<_>>()? })
    }

    /// Whether it matches the whole path.
    pub(super) fn matches(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        self.alternatives.iter().any(|elements| matches(elements, &path))
    }
}

/// The pattern once for each choice that its braces give.
fn alternatives(pattern: &[char]) -> Option<Vec<Vec<char>>> {
    let (mut open, mut done) = (vec![pattern.to_vec()], Vec::new());
    while let Some(pattern) = open.pop() {
        let Some(start) = unescaped(&pattern, 0, |character| character == '{') else {
            done.push(pattern);
            continue;
        };
        let (commas, end) = braces(&pattern, start + 1)?;
        let mut from = start + 1;
        for to in commas.into_iter().chain([end]) {
            open.push([&pattern[..start], &pattern[from..to], &pattern[end + 1..]].concat());
            from = to + 1;
        }
        if open.len() + done.len() > MOST_ALTERNATIVES {
            return None;
        }
    }
    Some(done)
}

fn unescaped(text: &[char], from: usize, wanted: impl Fn(char) -> bool) -> Option<usize> {
    let mut at = from;
    while at < text.len() {
        match text[at] {
            '\\' => at += 1,
            character if wanted(character) => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the choices of an open brace end: its commas and its closing brace.
fn braces(pattern: &[char], from: usize) -> Option<(Vec<usize>, usize)> {
    let (mut depth, mut at, mut commas) = (0, from, Vec::new());
    loop {
        at = unescaped(pattern, at, |character| matches!(character, '{' | '}' | ','))?;
        match pattern[at] {
            '{' => depth += 1,
            '}' if depth == 0 => return Some((commas, at)),
            '}' => depth -= 1,
            _ if depth == 0 => commas.push(at),
            _ => {}
        }
        at += 1;
    }
}

fn elements(pattern: &[char]) -> Option<Vec<Element>> {
    let (mut elements, mut at) = (Vec::new(), 0);
    while let Some(&character) = pattern.get(at) {
        let starts_part = at == 0 || elements.last() == Some(&Element::Parts) || pattern[at - 1] == '/';
        at += 1;
        elements.push(match character {
            '*' if pattern.get(at) == Some(&'*') => {
                at += 1;
                match pattern.get(at) {
                    None if starts_part => Element::Rest,
                    Some('/') if starts_part => {
                        at += 1;
                        Element::Parts
                    }
                    _ => Element::Star,
                }
            }
            '*' => Element::Star,
            '?' => Element::One,
            '[' => {
                let (class, end) = class(pattern, at)?;
                at = end;
                class
            }
            '\\' => {
                at += 1;
                Element::Exactly(*pattern.get(at - 1)?)
            }
            plain => Element::Exactly(plain),
        });
    }
    Some(elements)
}

/// A class from behind its bracket, and where it ends.
fn class(pattern: &[char], from: usize) -> Option<(Element, usize)> {
    let negated = matches!(pattern.get(from), Some('!' | '^'));
    let (mut at, mut ranges) = (from + usize::from(negated), Vec::new());
    let character = |at: &mut usize| -> Option<char> {
        if pattern.get(*at) == Some(&'\\') {
            *at += 1;
        }
        *at += 1;
        pattern.get(*at - 1).copied()
    };
    while *pattern.get(at)? != ']' {
        let low = character(&mut at)?;
        let is_range = pattern.get(at) == Some(&'-') && pattern.get(at + 1).is_some_and(|next| *next != ']');
        let high = if is_range {
            at += 1;
            character(&mut at)?
        } else {
            low
        };
        ranges.push((low, high));
    }
    (!ranges.is_empty()).then_some((Element::Class(negated, ranges), at + 1))
}

/// Follows all ways at once: which elements can come next after each character.
fn matches(elements: &[Element], path: &[char]) -> bool {
    let mut open = vec![false; elements.len() + 1];
    open[0] = true;
    skip(elements, &mut open, true);
    for &character in path {
        let mut next = vec![false; elements.len() + 1];
        for (place, element) in elements.iter().enumerate().filter(|(place, _)| open[*place]) {
            let (stays, goes_on) = match element {
                Element::Rest => (true, false),
                // Inside a part it only waits for the part's end.
                Element::Parts => (true, character == '/'),
                Element::Star => (character != '/', false),
                Element::One => (false, character != '/'),
                Element::Exactly(wanted) => (false, *wanted == character),
                Element::Class(negated, ranges) => {
                    (false, ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated)
                }
            };
            next[place] |= stays;
            next[place + 1] |= goes_on;
        }
        open = next;
        skip(elements, &mut open, character == '/');
    }
    (0..=elements.len()).any(|place| open[place] && is_empty(&elements[place..]))
}

/// Passes over elements that can stand for nothing. `**/` does so only where a part starts.
fn skip(elements: &[Element], open: &mut [bool], starts_part: bool) {
    for (place, element) in elements.iter().enumerate() {
        let may_be_nothing = match element {
            Element::Star | Element::Rest => true,
            Element::Parts => starts_part,
            Element::One | Element::Exactly(_) | Element::Class(..) => false,
        };
        if open[place] && may_be_nothing {
            open[place + 1] = true;
        }
    }
}

/// Whether what is left of a pattern matches the end of a path: `a/**` also matches the folder `a` itself.
fn is_empty(rest: &[Element]) -> bool {
    use Element::{Exactly, Parts, Rest, Star};
    matches!(rest, [] | [Star | Rest] | [Exactly('/'), Rest | Parts])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, yes, no) in [
            ("a.txt", &["a.txt"][..], &["b/a.txt", "a.tx", "a.txtx"][..]),
            ("*.txt", &["a.txt", ".txt"], &["b/a.txt"]),
            ("**/*.txt", &["a.txt", "b/a.txt", "b/c/a.txt"], &["a.md", "b/a.txt/c"]),
            ("a/**", &["a", "a/b", "a/b/c"], &["ab", "b/a"]),
            ("a/**/z", &["a/z", "a/b/z", "a/b/c/z"], &["az", "a/bz", "a/b/cz"]),
            ("**", &["", "a", "a/b"], &[]),
            ("a/**/", &["a", "a/"], &["a/b", "b"]),
            ("a**z", &["az", "abz"], &["a/z"]),
            ("{a,b/{c,d}}/x", &["a/x", "b/c/x", "b/d/x"], &["b/x", "c/x"]),
            ("file[0-9]", &["file1"], &["filex", "file"]),
            ("file[!0-9]", &["filex"], &["file1"]),
            ("?", &["a", "é"], &["", "ab", "/"]),
            (r"\*", &["*"], &["a"]),
            ("**/node_modules/**", &["node_modules", "a/node_modules", "a/node_modules/b"], &["a/node_modules2"]),
        ] {
            let glob = Glob::parse(pattern).unwrap();
            yes.iter().for_each(|path| assert!(glob.matches(path), "{pattern} should match {path}"));
            no.iter().for_each(|path| assert!(!glob.matches(path), "{pattern} should not match {path}"));
        }
    }

    #[test]
    fn bad_patterns() {
        for pattern in ["[", "[]", "[a", "{a,b", "a\\"] {
            assert!(Glob::parse(pattern).is_none(), "{pattern}");
        }
    }
}
