//! House rules: who may use whom, how long a file may be, and that nothing is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::support::emulator::repository;

/// The most lines of a source file, its tests not counted.
const LONGEST: usize = 600;

/// Which folder may use which. The four come first, each using only those before it.
const LAYERS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    // Go's compressor, which the language and the built-in types share.
    ("deflate", &[]),
    // An address holds names, a value's origins are addresses, a diagnostic is about an address.
    ("address", &[]),
    ("value", &["address"]),
    ("diagnostic", &["address", "value"]),
    ("http", &[]),
    ("resource", FOUR),
    ("lang", &["clock", "deflate", "address", "value", "diagnostic", "resource::attr", "resource::provisioner"]),
    ("modules", &["clock", "address", "value", "diagnostic", "http", "lang"]),
    ("state", FOUR),
    ("builtin", &["clock", "deflate", "address", "value", "diagnostic", "resource", "http"]),
    // `state::bucket` is what it implements for the state: buckets, lock tables, data keys. `preflight::lookups` for rules.
    ("aws", &["clock", "address", "value", "diagnostic", "resource", "rollout", "state::bucket", "preflight::lookups"]),
    ("rollout", &["clock", "address", "value", "diagnostic", "resource"]),
    ("plan", &["clock", "address", "value", "diagnostic", "resource", "rollout", "lang", "state"]),
    ("preflight", &["clock", "address", "value", "diagnostic", "resource", "rollout", "lang", "plan"]),
    ("apply", &["clock", "address", "value", "diagnostic", "resource", "rollout", "lang", "state", "plan"]),
    (
        "cli",
        &[
            "clock",
            "address",
            "value",
            "diagnostic",
            "resource",
            "rollout",
            "lang",
            "state",
            "plan",
            "preflight",
            "apply",
            "builtin",
            "aws",
            "http",
            "modules",
        ],
    ),
    // The binary only calls `cli::main`, through the library; the map of the crate uses nothing.
    ("main", &[]),
    ("lib", &[]),
];
const FOUR: &[&str] = &["clock", "address", "value", "diagnostic"];

/// What an AWS type may use of `aws` outside its own service.
const AWS_SHARED: &[&str] = &[
    "answers",
    "contract",
    "client",
    "copy",
    "listed_keys",
    "tags",
    "names",
    "rules",
    "keep",
    "mark",
    "policy",
    "together",
    "Aws",
];
/// Folders of `aws` that are no services but parts of the provider itself.
const AWS_OWN: &[&str] = &["account", "backend", "connect", "leftovers", "lookups", "provider", "rollouts"];

/// Paths that exist only after a build, a setup or a run.
const MADE: &[&str] = &["target", ".emu"];

static PATHS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(crate|super(?:\s*::\s*super)*)\s*::\s*((?:[A-Za-z_]\w*(?:\s*::\s*)?){0,2}\{|[A-Za-z_]\w*(?:\s*::\s*[A-Za-z_]\w*)?)").unwrap()
});
static MODULES: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^\s*(?:pub(?:\([a-z]+\))? )?mod (\w+);").unwrap());

#[test]
fn everybody_uses_only_what_is_below() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut broken = BTreeSet::new();
    for file in rust_files("src") {
        let module = module_of(&file);
        let layer = module.first().map_or("lib", String::as_str);
        let Some(&may) = layers.get(layer) else {
            broken.insert(format!("{}: `{layer}` has no place in the table of tests/layers.rs", file.display()));
            continue;
        };
        for (line, path) in uses(&file, &module) {
            let (first, second) = (path[0].as_str(), path.get(1).map_or("", String::as_str));
            let is_folder = repository().join("src").join(first).is_dir() || layers.contains_key(first);
            let is_allowed = !is_folder // a macro, or an item of lib.rs
                || first == layer && is_own_service(&module, second)
                || may.contains(&first)
                || may.contains(&format!("{first}::{second}").as_str());
            if !is_allowed {
                broken.insert(format!("{}:{line}: {layer} must not use {first}::{second}", file.display()));
            }
        }
    }
    none(&broken, "uses that the layer rule forbids (docs: CONTRIBUTING.md)");
}

/// Whether a file of `aws/ecs` uses its own service or what all share. Everywhere else any sibling will do.
fn is_own_service(module: &[String], second: &str) -> bool {
    match module {
        [aws, service, ..] if aws == "aws" && repository().join("src/aws").join(service).is_dir() => {
            second == service.as_str() || AWS_SHARED.contains(&second) || AWS_OWN.contains(&service.as_str())
        }
        _ => true,
    }
}

#[test]
fn no_file_is_too_long() {
    let mut long = BTreeSet::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        let lines = without_tests(&read(&file)).lines().count();
        if lines > LONGEST {
            long.insert(format!("{}: {lines} lines", file.display()));
        }
    }
    none(&long, &format!("files of more than {LONGEST} lines without their tests"));
}

#[cfg(feature = "aws")]
#[test]
fn every_aws_type_has_its_cases() {
    let all: String = rust_files("tests/resources").iter().map(|file| read(file)).collect();
    let missing: BTreeSet<String> = glaz::aws::provider()
        .resources()
        .iter()
        // Another name of the same type.
        .map(|one| one.type_name().replace("aws_alb", "aws_lb"))
        // Its own cases, or those of a function that several types share.
        .filter(|name| {
            !all.contains(&format!("type_name: \"{name}\"")) && !all.contains(&format!("    rule(\"{name}\");"))
        })
        .collect();
    none(&missing, "types without cases under tests/resources");
}

#[test]
fn every_test_file_is_a_module() {
    let mut forgotten = BTreeSet::new();
    for file in rust_files("tests") {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let folder = file.parent().unwrap();
        let (declared_in, name) = match name {
            "main" if folder == Path::new("tests") => continue,
            "mod" => (folder.parent().unwrap(), folder.file_name().unwrap().to_str().unwrap()),
            name => (folder, name),
        };
        let parents = [declared_in.join("mod.rs"), declared_in.join("main.rs"), declared_in.with_extension("rs")];
        let is_declared = parents
            .iter()
            .filter(|parent| repository().join(parent).is_file())
            .any(|parent| MODULES.captures_iter(&read(parent)).any(|found| &found[1] == name));
        if !is_declared {
            forgotten.insert(file.display().to_string());
        }
    }
    none(&forgotten, "test files that no module declares, so that they never run");
}

#[test]
fn paths_named_in_the_docs_exist() {
    let mut missing = BTreeSet::new();
    for page in pages() {
        let folder = page.parent().unwrap().to_owned();
        for (line, path) in named_paths(&read(&page)) {
            let is_made = MADE.iter().any(|made| path.split('/').next() == Some(made));
            let exists = [folder.join(&path), PathBuf::from(&path)].iter().any(|path| repository().join(path).exists());
            if !is_made && !exists {
                missing.insert(format!("{}:{line}: {path}", page.display()));
            }
        }
    }
    none(&missing, "paths that are named but do not exist");
}

/// The pages for people.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for folder in ["", "docs", "demo", "examples", "stacks"] {
        visit(Path::new(folder), !folder.is_empty(), "md", &mut pages);
    }
    pages.push("tests/emulator/README.md".into());
    pages
}

/// Targets of links, and code spans that start with a folder of the repository: line and path.
fn named_paths(text: &str) -> Vec<(usize, String)> {
    static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\]\(([^)#\s]+)(?:#[^)]*)?\)").unwrap());
    static SPAN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"`((?:src|tests|docs|examples|stacks|demo|scripts|\.ci|\.emu)/[\w./-]*)`").unwrap()
    });
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let links = LINK.captures_iter(line).map(|link| link[1].to_owned()).filter(|link| !link.contains("://"));
        let spans = SPAN.captures_iter(line).map(|span| span[1].to_owned());
        found.extend(links.chain(spans).map(|path| (at + 1, path)));
    }
    found
}

/// Rust files of a folder, relative to the repository, sorted.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    visit(Path::new(folder), true, "rs", &mut files);
    assert!(!files.is_empty(), "{folder} has no files");
    files
}

fn visit(folder: &Path, deep: bool, ending: &str, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(repository().join(folder)) else { return };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap()).collect();
    names.sort_by_key(std::fs::DirEntry::file_name);
    for entry in names {
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if deep {
                visit(&path, deep, ending, files);
            }
        } else if path.extension().is_some_and(|found| found == ending) {
            files.push(path);
        }
    }
}

/// `src/aws/ecs/service/mod.rs` is the module `aws`, `ecs`, `service`.
fn module_of(file: &Path) -> Vec<String> {
    let path = file.strip_prefix("src").unwrap().with_extension("");
    let mut parts: Vec<String> = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The paths a file uses, from the crate's root: line and at least one name. Comments and tests do not count.
fn uses(file: &Path, module: &[String]) -> Vec<(usize, Vec<String>)> {
    let text = without_comments(without_tests(&read(file)));
    let mut found = Vec::new();
    for path in PATHS.captures_iter(&text) {
        let line = text[..path.get(0).unwrap().start()].lines().count().max(1);
        let root: Vec<String> = match &path[1] {
            "crate" => Vec::new(),
            supers => {
                let up = supers.matches("super").count();
                // Deeper than this file lies only a module inside it.
                let Some(kept) = module.len().checked_sub(up) else { continue };
                module[..kept].to_vec()
            }
        };
        let (names, rest) =
            (path[2].trim_end_matches('{').trim().trim_end_matches("::"), &text[path.get(0).unwrap().end()..]);
        let names = if path[2].ends_with('{') {
            let before = if names.is_empty() { String::new() } else { format!("{names}::") };
            group(rest).iter().map(|member| format!("{before}{member}")).collect()
        } else {
            vec![names.to_owned()]
        };
        for name in names {
            let names = name.split("::").map(|part| part.trim().to_owned());
            found.push((line, root.iter().cloned().chain(names).collect()));
        }
    }
    found
}

/// The first two names of each member of `{a::b, c::{d, e}}`, whose opening brace is behind us.
fn group(text: &str) -> Vec<String> {
    let (mut depth, mut end) = (1, 0);
    for (at, char) in text.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            end = at;
            break;
        }
    }
    let (mut members, mut member, mut depth) = (Vec::new(), String::new(), 0);
    for char in text[..end].chars().chain([',']) {
        match char {
            ',' if depth == 0 => members.push(std::mem::take(&mut member)),
            '{' => depth += 1,
            '}' => depth -= 1,
            char if depth == 0 => member.push(char),
            _ => {}
        }
    }
    members
        .iter()
        .map(|member| member.trim().trim_end_matches(':').to_owned())
        .filter(|member| !member.is_empty())
        .collect()
}

/// The text up to its tests.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

/// The text with comments blanked out; lines stay where they are.
fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    lines.collect::<Vec<_>>().join("\n")
}

fn read(path: &Path) -> String {
    let path = repository().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[track_caller]
fn none(found: &BTreeSet<String>, what: &str) {
    let lines = found.iter().map(|line| format!("\n  {line}")).collect::<Vec<_>>().concat();
    assert!(found.is_empty(), "{what}:{lines}");
}

#[test]
fn uses_are_found_in_groups_and_through_super() {
    assert_eq!(group("attr::{Attr, Spec}, Value, plan::draw} rest"), ["attr", "Value", "plan::draw"]);
    let uses = |text: &str| {
        let found: Vec<String> = PATHS.captures_iter(text).map(|path| path[2].to_owned()).collect();
        found
    };
    assert_eq!(
        uses("use crate::aws::{names, tags}; crate::plan::draw(); use super::super::x;"),
        ["aws::{", "plan::draw", "x"]
    );
    assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {}"), "a\n");
    assert_eq!(module_of(Path::new("src/aws/ecs/service/mod.rs")), ["aws", "ecs", "service"]);
}
