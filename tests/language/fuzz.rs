//! Random text: nothing may panic, hang or grow without end.
//!
//! Expressions of the corpus and whole files of its cases are broken and joined at random, deterministically: a seed
//! names a case. `make test` tries a few thousand; `GLAZ_FUZZ_SECONDS=3600 cargo test fuzz -- --nocapture` goes on for
//! an hour, from `GLAZ_FUZZ_SEED` on. What was found stands in [`FOUND`] and is tried every time.

use std::path::Path;
use std::time::{Duration, Instant};

use glaz::clock::Clock;
use glaz::lang::syntax::format::format;
use glaz::lang::{Environment, Evaluator, Loaded, Phase, load};
use serde_json::Value;

use super::tool::{corpus, folders};
use super::toy::Toy;

/// Seeds that are tried when nobody asks for more.
const TRIED: u64 = 3000;
/// Longer than any of them takes, by far: only a hang is slower.
const LONG: Duration = Duration::from_secs(60);

/// Texts that once broke something, or would break a careless evaluator.
const FOUND: &[&str] = &[
    "output \"v\" { value = bcrypt(\"x\", 4) }",
    "output \"v\" { value = [for a in range(1000): [for b in range(1000): [for c in range(1000): c]]] }",
    "output \"v\" { value = join(\"\", [for a in range(1000): join(\"\", [for b in range(1000): format(\"%1000s\", b)])]) }",
    "output \"v\" { value = 1e999999999 }",
    "output \"v\" { value = format(\"%999999999d\", 1) }",
    "output \"v\" { value = setproduct(range(1000), range(1000), range(1000)) }",
    "output \"v\" { value = yamldecode(\"a: &a [x,x]\\nb: &b [*a,*a]\\nc: [*b,*b]\") }",
    "output \"v\" { value = \"${\"${\"${1}\"}\"}\" }",
    "output \"v\" { value = regex(\"((((a{1000}){1000}){1000}){1000}){1000}\", \"a\") }",
    "locals { a = [local.a] }\noutput \"v\" { value = local.a }",
    "output \"v\" { value = <<-E\n  ${\n",
    "output \"v\" { value = \"%{ for\" }",
    "resource \"terraform_data\" \"x\" { count = 1e18 }",
];

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

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// A place between two characters.
    fn cut(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

struct Sources {
    expressions: Vec<String>,
    files: Vec<String>,
}

impl Sources {
    fn read() -> Self {
        let lines = std::fs::read_to_string(corpus("expr").join("exprs.jsonl")).unwrap();
        let expression = |line: &str| Some(serde_json::from_str::<Value>(line).ok()?["expr"].as_str()?.to_owned());
        let files = folders("cases").into_iter().map(|folder| folder.join("step-1/main.tf"));
        Self {
            expressions: lines.lines().filter_map(expression).collect(),
            files: files.filter_map(|file| std::fs::read_to_string(file).ok()).collect(),
        }
    }

    /// The text that a seed stands for.
    fn text(&self, seed: u64) -> String {
        let random = &mut Random(seed);
        let of = |texts: &[String], random: &mut Random| texts[random.below(texts.len())].clone();
        let is_file = random.below(3) == 0;
        let mut text = if is_file { of(&self.files, random) } else { of(&self.expressions, random) };
        for _ in 0..random.below(6) {
            let other = if is_file { of(&self.files, random) } else { of(&self.expressions, random) };
            text = broken(&text, &other, random);
        }
        if is_file { text } else { format!("output \"v\" {{\n  value = {text}\n}}\n") }
    }
}

/// The text with one thing done to it.
fn broken(text: &str, other: &str, random: &mut Random) -> String {
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

/// Parses, formats, loads and evaluates the text.
fn tried(dir: &Path, text: &str) {
    let _ = format(0, text);
    std::fs::write(dir.join("main.tf"), text).unwrap();
    let Loaded { config, report, .. } = load(dir);
    if report.has_errors() {
        return;
    }
    let env = Environment {
        workspace: "default".into(),
        root: dir.to_owned(),
        cwd: dir.to_owned(),
        home: Some("/nonexistent".into()),
        clock: Clock::pinned(Duration::from_secs(1_763_000_000), 1),
        plan_time: Duration::from_secs(1_763_000_000),
        phase: Phase::Plan,
    };
    let _ = Evaluator::new(config, &[], &env).run(&mut Toy);
}

fn try_all(texts: impl Iterator<Item = (String, String)>) -> usize {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(corpus("expr").join("prelude.tf"), folder.path().join("prelude.tf")).unwrap();
    std::os::unix::fs::symlink(corpus("expr").join("fixtures"), folder.path().join("fixtures")).unwrap();
    let mut count = 0;
    for (name, text) in texts {
        let start = Instant::now();
        let ended = std::panic::catch_unwind(|| tried(folder.path(), &text));
        assert!(ended.is_ok(), "{name} panics:\n{text}");
        assert!(start.elapsed() < LONG, "{name} hangs ({:?}):\n{text}", start.elapsed());
        count += 1;
    }
    count
}

#[test]
fn random_text_breaks_nothing() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (sources, first) = (Sources::read(), number("GLAZ_FUZZ_SEED").unwrap_or(0));
    let long = number("GLAZ_FUZZ_SECONDS").map(Duration::from_secs);
    let start = Instant::now();
    let goes_on = |seed: &u64| long.map_or(*seed < first + TRIED, |long| start.elapsed() < long);
    let seeds = (first..).take_while(goes_on);
    let count = try_all(seeds.map(|seed| (format!("seed {seed}"), sources.text(seed))));
    #[allow(clippy::print_stdout)] // the numbers are what one looks at
    {
        println!("{count} texts from seed {first} in {:?}", start.elapsed());
    }
}

#[test]
fn what_was_found_stays_mended() {
    try_all(FOUND.iter().enumerate().map(|(at, text)| (format!("found {at}"), (*text).to_owned())));
}
