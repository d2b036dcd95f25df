//! What people wrote, broken and joined: expressions of the corpus and whole files of its cases.

use serde_json::Value;

use super::random::Random;
use crate::language::tool::{corpus, folders};

/// Small words that change what a text means.
const WORDS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "${",
    "%{",
    "~}",
    "%{ if true }",
    "%{ endif }",
    "%{ for x in y }",
    "<<E\n",
    "<<-E\n",
    "\nE\n",
    "...",
    "=>",
    "?",
    ":",
    "==",
    "!",
    "-",
    "&&",
    "||",
    ".*",
    "[*]",
    ".0",
    ",",
    "\n",
    "\r\n",
    "#",
    "//",
    "/*",
    "*/",
    "for ",
    " in ",
    " if ",
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "1e-400",
    "99999999999999999999999999",
    "\\",
    "\\u0000",
    "\\UFFFFFFFF",
    "\u{feff}",
    "é",
    "e\u{301}",
    "👨‍👩‍👧",
    "\u{0}",
    "each.key",
    "count.index",
    "self",
    "var.x",
    "local.lo",
    "module.m",
    "path.module",
    "dynamic \"x\" {",
    "lifecycle {",
    "count = ",
    "for_each = ",
    "provider::",
    "core::",
    "try(",
    "can(",
    "templatestring(",
    "jsondecode(",
    "range(",
    "flatten(",
    "tolist(",
    "object({",
    "optional(",
];

/// The corpus.
pub struct Sources {
    pub expressions: Vec<String>,
    pub files: Vec<String>,
}

impl Sources {
    pub fn read() -> Self {
        let lines = std::fs::read_to_string(corpus("expr").join("exprs.jsonl")).unwrap();
        let expression = |line: &str| Some(serde_json::from_str::<Value>(line).ok()?["expr"].as_str()?.to_owned());
        let files = folders("cases").into_iter().map(|folder| folder.join("step-1/main.tf"));
        Self {
            expressions: lines.lines().filter_map(expression).collect(),
            files: files.filter_map(|file| std::fs::read_to_string(file).ok()).collect(),
        }
    }

    /// A broken expression as a file, or a broken file.
    pub fn text(&self, random: &mut Random) -> String {
        let is_file = random.once_in(3);
        let texts = if is_file { &self.files } else { &self.expressions };
        let mut text = random.of(texts).to_owned();
        for _ in 0..random.below(6) {
            text = broken(&text, random.of(texts), random);
        }
        if is_file { text } else { format!("output \"v\" {{\n  value = {text}\n}}\n") }
    }
}

/// The text with one thing done to it.
pub fn broken(text: &str, other: &str, random: &mut Random) -> String {
    let (mut from, mut to) = (random.cut(text), random.cut(text));
    if from > to {
        std::mem::swap(&mut from, &mut to);
    }
    let (head, middle, tail) = (&text[..from], &text[from..to], &text[to..]);
    match random.below(9) {
        0 => format!("{head}{tail}"),
        1 => format!("{head}{middle}{middle}{tail}"),
        2 | 3 => format!("{head}{}{middle}{tail}", random.pick(WORDS)),
        4 => format!("{head}{}{tail}", random.pick(WORDS)),
        5 => format!("{head}{other}{tail}"),
        6 => {
            let (open, close) =
                random.pick(&[&("(", ")"), &("[", "]"), &("\"${", "}\""), &("{a = ", "}"), &("try(", ")")]);
            let deep = [1, 2, 50, 2000][random.below(4)];
            format!("{}{text}{}", open.repeat(deep), close.repeat(deep))
        }
        7 => {
            format!("{text} {} {other}", random.pick(&["+", "-", "*", "/", "%", "==", "!=", "<", "&&", "||", "?", ":"]))
        }
        _ => format!("[for k, v in {text} : {other}]"),
    }
}
