//! Random input: nothing may panic, hang or grow without end.
//!
//! A seed names a case, and the case is always the same. There are five kinds: what people wrote, broken and joined
//! ([`broken`]); expressions by their grammar, functions with arguments at the edges included ([`expression`]); whole
//! files by their grammar, in both syntaxes ([`stack`]); files that glaz or Terraform wrote, damaged ([`stored`]);
//! and words that flags take. `make test` tries a few thousand; `GLAZ_FUZZ_SECONDS=3600 cargo test fuzz -- --nocapture`
//! goes on for an hour, from `GLAZ_FUZZ_SEED` on, and then also watches the memory that each case takes. What was found
//! stands in [`FOUND`] and is tried every time.

mod broken;
mod expression;
mod random;
mod stack;
mod stored;

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use glaz::address::target::Target;
use glaz::address::{Address, ModulePath};
use glaz::clock::Clock;
use glaz::lang::source::Source;
use glaz::lang::syntax::format::format;
use glaz::lang::syntax::{parse_expression, parse_template, parse_traversal};
use glaz::lang::version::{Constraint, Version};
use glaz::lang::{Environment, Evaluator, Loaded, Phase, load};

use super::tool::corpus;
use super::toy::Toy;
use broken::Sources;
use random::Random;
use stored::{Samples, Stored};

/// Seeds that are tried when nobody asks for more.
const TRIED: u64 = 2000;
/// Longer than any of them takes, by far: only a hang is slower.
const LONG: Duration = Duration::from_secs(60);
/// More than any of them needs, in kilobytes: 1 GiB.
const LARGE: u64 = 1 << 20;
/// Formatting a formatted text again changes nothing after this many rounds: each may take one pair of brackets away.
const ROUNDS: usize = 300;

/// Texts that once broke something, or would break a careless evaluator.
const FOUND: &[&str] = &[
    "output \"v\" { value = {for x in range(40) : [x, {for x in range(1000) : \"%{ if tolist([]) }a%{ endif } %{ for x in 1e308 ~}[${x}]%{~ endfor } %{ if count.index }a%{ endif }\" => x...}] => x...} }",
    "output \"v\" { value = {for x in range(1000) : 1e999999 => x} }",
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

/// One thing to try.
enum Case {
    /// A stack file: its name and text.
    Stack(&'static str, String),
    /// A file that is not for people.
    Stored(Stored),
    /// What a flag takes.
    Words(String),
}

/// Everything that cases are made from.
struct Material {
    people: Sources,
    samples: Samples,
}

impl Material {
    fn collect() -> Self {
        let folder = crate::support::stack::stack().file("main.tf", INTERRUPTED);
        folder.run(&["plan", "-out=plan"]).succeeds();
        let plan = std::fs::read(folder.path("plan")).unwrap();
        folder.run(&["apply", "-auto-approve"]);
        let journal = folder.read("terraform.tfstate.journal");
        Self { people: Sources::read(), samples: Samples::read(plan, vec![journal]) }
    }

    /// The case that a seed stands for.
    fn case(&self, seed: u64) -> Case {
        let random = &mut Random(seed);
        match random.below(12) {
            0..=2 => Case::Stack("main.tf", self.people.text(random)),
            3..=5 => {
                let depth = 1 + random.below(7);
                let text = expression::expression(random, depth);
                Case::Stack("main.tf", format!("{DATA}output \"v\" {{\n  value = {text}\n}}\n"))
            }
            6 | 7 => Case::Stack("main.tf", stack::file(random)),
            8 => Case::Stack("main.tf.json", stack::json(random)),
            9 | 10 => Case::Stored(self.samples.file(random)),
            _ => Case::Words(words(random)),
        }
    }
}

/// What [`expression`] may refer to, besides the prelude.
const DATA: &str = "resource \"terraform_data\" \"d\" {\n  input = [1, \"two\"]\n}\nresource \"terraform_data\" \"c\" {\n  count = 2\n}\nresource \"terraform_data\" \"e\" {\n  for_each = toset([\"a\"])\n}\n";

/// Leaves a journal: the run is killed by its own provisioner.
const INTERRUPTED: &str = r#"
variable "v" {
  default   = { a = [1, "two", null] }
  sensitive = true
}
resource "terraform_data" "first" {
  count = 3
  input = var.v
}
resource "terraform_data" "last" {
  input = terraform_data.first[*].output
  provisioner "local-exec" {
    command = "kill -9 $PPID"
  }
}
output "o" {
  value     = terraform_data.last.output
  sensitive = true
}
"#;

/// An address, a version, a module's source: what flags and arguments take as words.
fn words(random: &mut Random) -> String {
    const PARTS: &[&str] = &[
        "module",
        "data",
        "aws_vpc",
        "main",
        ".",
        "..",
        "[",
        "]",
        "[0]",
        "[\"a\"]",
        "[\"",
        "\\",
        "*",
        "-1",
        "é",
        " ",
        "",
        "99999999999999999999",
        "~>",
        ">=",
        "!=",
        ",",
        "1.2.3",
        "1.0.0-rc.1+x",
        "v1",
        "git::",
        "https://",
        "ssh://",
        "//",
        "?ref=",
        "&",
        "%2",
        "@",
        ":",
        "host.com",
        "s3::",
        "/",
        "./",
        "../",
        "~",
        "${",
        "}",
        "\u{0}",
        "\n",
        "archive=zip",
    ];
    (0..random.below(12)).map(|_| random.pick(PARTS)).collect()
}

impl Case {
    /// Tries it; whether it was understood to the end.
    fn tried(&self, dir: &Path) -> bool {
        match self {
            Self::Stack(name, text) => tried(dir, name, text),
            Self::Stored(stored) => stored.tried(dir),
            Self::Words(text) => {
                let _ = text.parse::<Address>().map(|address| assert_eq!(address.to_string().parse(), Ok(address)));
                let _ = (text.parse::<ModulePath>(), text.parse::<Target>());
                let _ = text.parse::<Version>().map(|version| assert_eq!(version.to_string().parse(), Ok(version)));
                if let Ok(constraint) = text.parse::<Constraint>() {
                    "1.2.3".parse::<Version>().map(|version| constraint.allows(&version)).unwrap();
                }
                let _ = Source::parse(text, None);
                let _ = (parse_expression(0, text), parse_template(0, text), parse_traversal(0, text));
                let _ = glaz::resource::attr::duration(text);
                true
            }
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Stack(name, text) => format!("{name}:\n{text}"),
            Self::Stored(stored) => stored.shown(),
            Self::Words(text) => format!("{text:?}"),
        }
    }
}

/// Formats, parses, loads and evaluates a stack file.
fn tried(dir: &Path, name: &str, text: &str) -> bool {
    let mut formatted = format(0, text);
    for _ in 0..ROUNDS {
        let Ok(once) = formatted else { break };
        formatted = format(0, &once);
        assert!(formatted.is_ok(), "what was formatted is not understood any more:\n{once}");
        if formatted.as_ref() == Ok(&once) {
            break;
        }
    }
    assert!(
        formatted.as_ref().map_or(true, |last| format(0, last).as_ref() == Ok(last)),
        "formatting goes on for ever"
    );
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    let Loaded { config, report, .. } = load(dir);
    std::fs::remove_file(&path).unwrap();
    if report.has_errors() {
        return false;
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
    Evaluator::new(config, &[], &env).run(&mut Toy).is_ok()
}

/// The most memory that this process ever had, in kilobytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok())
}

fn try_all(cases: impl Iterator<Item = (String, Case)>, watches_memory: bool) -> usize {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(corpus("expr").join("prelude.tf"), folder.path().join("prelude.tf")).unwrap();
    std::os::unix::fs::symlink(corpus("expr").join("fixtures"), folder.path().join("fixtures")).unwrap();
    let (mut count, mut good) = (0, 0);
    let (mut before, mut slowest) = (peak(), (Duration::ZERO, String::new()));
    let mut problems = Vec::new();
    let tells = tell_what_hangs();
    for (name, case) in cases {
        let (start, worked_before) = (Instant::now(), worked());
        tells.send(name.clone()).unwrap();
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.tried(folder.path())));
        if ended.is_err() {
            problems.push(format!("{name} panics:\n{}", case.shown()));
        }
        good += usize::from(ended.is_ok_and(|is_good| is_good));
        let took =
            worked().zip(worked_before).map_or_else(|| start.elapsed(), |(now, before)| now.saturating_sub(before));
        if took > LONG {
            problems.push(format!("{name} hangs ({took:?}):\n{}", case.shown()));
        }
        if took > slowest.0 {
            slowest = (took, name.clone());
        }
        if watches_memory {
            let now = peak();
            let grown = now.zip(before).map_or(0, |(now, before)| now.saturating_sub(before));
            if grown > LARGE {
                problems.push(format!("{name} takes {grown} kB:\n{}", case.shown()));
            }
            before = now;
        }
        count += 1;
    }
    #[allow(clippy::print_stdout)] // the numbers are what one looks at
    {
        println!(
            "{count} cases, {good} without errors; the slowest took {:?} ({}); at most {:?} kB",
            slowest.0,
            slowest.1,
            peak()
        );
    }
    assert!(problems.is_empty(), "{} problems:\n\n{}", problems.len(), problems.join("\n\n"));
    count
}

/// Prints the name of a case that is not over after [`LONG`], while it is not: one that never ends is not told otherwise.
fn tell_what_hangs() -> Sender<String> {
    let (sender, names) = channel::<String>();
    std::thread::spawn(move || {
        let mut last = String::new();
        loop {
            match names.recv_timeout(LONG) {
                Ok(name) => last = name,
                #[allow(clippy::print_stdout)] // it is for whoever looks on
                Err(RecvTimeoutError::Timeout) => println!("{last} is not over yet"),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    sender
}

/// The time that this thread was really working: a busy machine makes nothing hang.
fn worked() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

#[test]
fn random_text_breaks_nothing() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (material, first) = (Material::collect(), number("GLAZ_FUZZ_SEED").unwrap_or(0));
    let long = number("GLAZ_FUZZ_SECONDS").map(Duration::from_secs);
    let start = Instant::now();
    let goes_on = |seed: &u64| long.map_or(*seed < first + TRIED, |long| start.elapsed() < long);
    let seeds = (first..).take_while(goes_on);
    let count = try_all(seeds.map(|seed| (format!("seed {seed}"), material.case(seed))), long.is_some());
    assert!(count > 0);
}

#[test]
fn what_was_found_stays_mended() {
    let cases = FOUND.iter().map(|text| Case::Stack("main.tf", (*text).to_owned()));
    try_all(cases.enumerate().map(|(at, case)| (format!("found {at}"), case)), false);
}
