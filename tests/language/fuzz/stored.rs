//! Files that glaz or Terraform wrote, damaged: states, journals, saved plans, lock files; and files of values.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;

use glaz::diagnostic::Sources;
use glaz::lang::variables;
use glaz::modules::lock::Lock;
use glaz::plan::saved::Saved;
use glaz::state::journal::Location;
use glaz::state::{State, file_v4, fold, journal};
use sha2::{Digest as _, Sha256};
use zip::{ZipArchive, ZipWriter};

use super::broken::broken;
use super::expression::expression;
use super::random::Random;
use super::stack;

/// What to read, and what it says.
pub enum Stored {
    State(String),
    Journal(String),
    /// A plan, byte for byte.
    Plan(Vec<u8>),
    Lock(String),
    Values(&'static str, String),
}

/// Files as they should be.
pub struct Samples {
    states: Vec<String>,
    /// The parts of a plan, without its manifest.
    plan: BTreeMap<String, String>,
    manifest: String,
    archive: Vec<u8>,
    journals: Vec<String>,
}

const LOCK: &str = r#"# glaz keeps here what the modules were.

module "git::https://example.com/network.git" {
  commit = "f3b1c5b2f0e4d6a79bbdc9a8e9a3f8b1d2c3e4f5"
  hash   = "h1:0000000000000000000000000000000000000000000="
}

module "registry.terraform.io/a/b/c" {
  version = "1.2.3"
  hash    = "h1:0000000000000000000000000000000000000000000="
}
"#;

impl Samples {
    /// `plan` is one that glaz saved; `journal` what a run wrote.
    pub fn read(plan: Vec<u8>, journals: Vec<String>) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/state/samples");
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let mut parts = BTreeMap::new();
        let mut zip = ZipArchive::new(Cursor::new(&plan)).unwrap();
        for at in 0..zip.len() {
            let mut file = zip.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            parts.insert(file.name().unwrap().into_owned(), text);
        }
        drop(zip);
        let manifest = parts.remove("manifest.json").unwrap();
        let states = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        Self { states, plan: parts, manifest, archive: plan, journals }
    }

    /// A file that a seed stands for.
    pub fn file(&self, random: &mut Random) -> Stored {
        match random.below(8) {
            0 | 1 => Stored::State(self.state(random)),
            2 => Stored::Journal(self.journal(random)),
            3 => Stored::Plan(self.plan(random)),
            4 => Stored::Plan(self.bytes(random)),
            5 => Stored::Lock(lock(random)),
            6 => Stored::Values("terraform.tfvars.json", stack::node(random, 6)),
            _ => Stored::Values("terraform.tfvars", values(random)),
        }
    }

    fn state(&self, random: &mut Random) -> String {
        damaged(random.of(&self.states), random.of(&self.states), random)
    }

    /// Lines whose checksums are right again: without them nothing but the first check would be tried.
    fn journal(&self, random: &mut Random) -> String {
        let text = random.of(&self.journals);
        if random.once_in(3) {
            return broken(text, text, random);
        }
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for _ in 0..=random.below(3) {
            let (at, from) = (random.below(lines.len()), random.below(lines.len()));
            let line = damaged(&lines[at], &lines[from].clone(), random);
            lines[at] = resummed(&line).unwrap_or(line);
        }
        lines.join("\n") + "\n"
    }

    /// One part of a plan damaged, under a manifest that fits.
    fn plan(&self, random: &mut Random) -> Vec<u8> {
        let mut parts = self.plan.clone();
        let names: Vec<String> = parts.keys().cloned().collect();
        let (name, other) = (random.of(&names).to_owned(), random.of(&names).to_owned());
        let text = damaged(&parts[&name], &parts[&other], random);
        parts.insert(name, text);
        archive(&self.manifest, &parts)
    }

    /// The archive with some bytes changed, left out or added.
    fn bytes(&self, random: &mut Random) -> Vec<u8> {
        let mut bytes = self.archive.clone();
        for _ in 0..=random.below(8) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes.truncate(at + 1),
                1 => bytes.insert(at, 0xff),
                _ => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            }
        }
        bytes
    }
}

/// JSON with one value exchanged for another, or any text broken.
fn damaged(text: &str, other: &str, random: &mut Random) -> String {
    let Some(mut tree) = serde_json::from_str::<serde_json::Value>(text).ok().filter(|_| !random.once_in(3)) else {
        return broken(text, other, random);
    };
    for _ in 0..=random.below(3) {
        let mut at = &mut tree;
        loop {
            let length = at.as_array().map_or(0, Vec::len) + at.as_object().map_or(0, serde_json::Map::len);
            if length == 0 || random.once_in(6) {
                break;
            }
            let step = random.below(length);
            at = match at {
                serde_json::Value::Array(all) => &mut all[step],
                serde_json::Value::Object(all) => all.values_mut().nth(step).unwrap(),
                _ => unreachable!("it has parts"),
            };
        }
        *at = serde_json::from_str(&stack::node(random, 3)).unwrap_or(serde_json::Value::Null);
    }
    tree.to_string()
}

/// A line of the journal with the checksum that belongs to it.
fn resummed(line: &str) -> Option<String> {
    let mut line: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).ok()?;
    line.remove("sum");
    let body = serde_json::Value::Object(line).to_string();
    let body = body.strip_suffix('}')?;
    let sum = hex(&Sha256::digest(body)[..8]);
    Some(format!("{body},\"sum\":\"{sum}\"}}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn archive(manifest: &str, parts: &BTreeMap<String, String>) -> Vec<u8> {
    let mut digest = Sha256::new();
    for part in parts.iter().flat_map(|(name, text)| [name, text]) {
        digest.update(part.len().to_be_bytes());
        digest.update(part.as_bytes());
    }
    let mut manifest: serde_json::Value = serde_json::from_str(manifest).unwrap();
    manifest["digest"] = hex(&digest.finalize()).into();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let all = std::iter::once(("manifest.json".to_owned(), manifest.to_string())).chain(parts.clone());
    for (name, text) in all {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn lock(random: &mut Random) -> String {
    let mut text = LOCK.to_owned();
    for _ in 0..=random.below(4) {
        text = broken(&text, LOCK, random);
    }
    text
}

fn values(random: &mut Random) -> String {
    let text = random.some(5, "\n", |random| {
        let depth = random.below(5);
        format!("{} = {}", random.pick(&["a", "str", "lst", "anyv", "a.b", "\"q\"", ""]), expression(random, depth))
    });
    if random.once_in(3) { broken(&text, LOCK, random) } else { text }
}

impl Stored {
    /// Reads it; whether it can be read.
    pub fn tried(&self, dir: &Path) -> bool {
        match self {
            Self::State(text) => {
                let Ok(Some(mut state)) = file_v4::read(text.as_bytes(), "terraform.tfstate") else { return false };
                // An output that is null is not written.
                state.outputs.retain(|_, output| !output.value.is_null());
                let written = file_v4::write(&state).expect("what was read can be written");
                let again = file_v4::read(written.as_bytes(), "again").expect("what was written can be read");
                assert!(again.as_ref() == Some(&state), "read again it is another:\n{written}\n{state:?}\n{again:?}");
                true
            }
            Self::Journal(text) => {
                let path = dir.join("terraform.tfstate.journal");
                std::fs::write(&path, text).unwrap();
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let read = runtime.block_on(journal::read(&Location::from(&path)));
                let Ok(Some(records)) = read else { return false };
                let state = State::of_lineage(records.lineage().unwrap_or_default());
                let _ = fold(state, &records.entries);
                !records.torn
            }
            Self::Plan(bytes) => {
                let path = dir.join("plan");
                std::fs::write(&path, bytes).unwrap();
                Saved::read(&path).is_ok()
            }
            Self::Lock(text) => {
                std::fs::write(dir.join(".glaz.lock.hcl"), text).unwrap();
                let read = Lock::read(dir);
                std::fs::remove_file(dir.join(".glaz.lock.hcl")).unwrap();
                read.is_ok_and(|lock| lock.text().is_some())
            }
            Self::Values(name, text) => variables::from_file(Path::new(name), text, &mut Sources::default()).is_ok(),
        }
    }

    /// It, to be looked at.
    pub fn shown(&self) -> String {
        match self {
            Self::State(text) | Self::Journal(text) | Self::Lock(text) | Self::Values(_, text) => text.clone(),
            Self::Plan(bytes) => format!("{bytes:02x?}"),
        }
    }
}
