//! Setting up a backend with `init`: what is new, what changed, and moving the states there.

use std::path::Path;

use super::{Home, memory};
use crate::cli::Globals;
use crate::cli::edit;
use crate::cli::encryption;
use crate::cli::place::{DEFAULT, data_folder, left_behind};
use crate::cli::stack::LockArgs;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::backend::{self, Backend, Given};
use crate::lang::config::ModuleBody;
use crate::lang::syntax::tree::Block;
use crate::state::bucket::Made;
use crate::state::store::atomic;
use crate::state::{self, Loaded, LocalStore, Store};

/// What `init` was told.
#[derive(Clone, Debug)]
pub(in crate::cli) struct How {
    /// The block counts, whatever was used before.
    pub reconfigure: bool,
    /// States are moved.
    pub migrate: bool,
    /// Without asking.
    pub force: bool,
    /// Whether questions may be asked.
    pub may_ask: bool,
    /// The bucket is made when it is not there.
    pub creates: bool,
    /// How states are locked while they are moved.
    pub locking: LockArgs,
}

/// What was used before.
enum Before {
    /// Nothing that has a state.
    Nothing,
    /// The same.
    Same,
    /// A file beside the stack, from before it had a backend block.
    Implied,
    /// Another one, and how it differs.
    Another(Option<Backend>, String),
}

/// Sets up the backend of the stack in a folder; `say` tells people what happens. The answer are warnings.
///
/// # Errors
/// Arguments that are wrong, a backend that cannot be reached, a change that nobody said what to do about.
pub(in crate::cli) async fn set_up(
    dir: &Path,
    root: Option<&ModuleBody>,
    given: &[Given],
    how: &How,
    globals: &Globals,
    say: &dyn Fn(&str),
) -> Result<Report, Report> {
    let data = data_folder(dir, &globals.environment);
    let remembered = memory::read(&data)?;
    let block = root.and_then(|root| root.settings.backend.as_deref());
    let seal = encryption::seals(dir, root, globals).await?.state;
    let open = async |backend: Option<&Backend>| {
        let home = Home::open(dir, backend, globals).await?;
        Ok::<_, Report>(Home { seal: seal.clone(), ..home })
    };
    let new = block.map(|block| merged(block, given, remembered.as_ref(), how)).transpose()?;
    let home = open(new.as_ref()).await?;
    if how.creates {
        match home.make_bucket().await? {
            Some(Made::New) => say("Made the bucket: encrypted, versioned, closed to the public."),
            Some(Made::Completed) => say(
                "The bucket was there, empty and without settings: it is encrypted, versioned and closed to the public now.",
            ),
            Some(Made::Before) => say("The bucket is there already; it was left as it is."),
            None => return Err(no_bucket().into()),
        }
    }
    match before(dir, remembered.as_ref(), new.as_ref(), how)? {
        Before::Same => {}
        Before::Nothing if new.is_none() && remembered.is_none() => {}
        Before::Nothing => configured(new.as_ref(), say),
        Before::Implied => {
            let old = open(None).await?;
            for name in move_all(&old, &home, new.as_ref(), &way_out(None), how, globals, say).await? {
                old.file(&name).map_or(Ok(()), |path| set_aside(&path))?;
            }
            configured(new.as_ref(), say);
        }
        Before::Another(old, what) => {
            if !how.migrate && !how.force {
                return Err(undecided(&what).into());
            }
            let old = open(old.as_ref()).await?;
            let way = way_out(remembered.as_ref().map(memory::Remembered::text).as_deref());
            move_all(&old, &home, new.as_ref(), &way, how, globals, say).await?;
            configured(new.as_ref(), say);
        }
    }
    if new.is_some() || remembered.is_some() {
        memory::write(&data, new.as_ref())?;
    }
    Ok(new.map(|backend| backend.warnings).unwrap_or_default())
}

/// The block with what was given now, and what was given before.
fn merged(
    block: &Block,
    given: &[Given],
    remembered: Option<&memory::Remembered>,
    how: &How,
) -> Result<Backend, Report> {
    let in_block = block.body.attributes.iter().map(|one| one.name.clone()).collect();
    let is_same_kind =
        |before: &&memory::Remembered| block.labels.first().is_some_and(|label| *label.text == *before.kind);
    let before = remembered.filter(is_same_kind).filter(|_| !how.reconfigure);
    let mut all = before.map(|before| before.given(&in_block)).unwrap_or_default();
    all.retain(|one| !given.iter().any(|now| now.name == one.name));
    all.extend(given.iter().cloned());
    backend::read(block, &all)
}

fn before(
    dir: &Path,
    remembered: Option<&memory::Remembered>,
    new: Option<&Backend>,
    how: &How,
) -> Result<Before, Report> {
    let Some(before) = remembered else {
        let is_implied = !how.reconfigure && new.is_some_and(|new| left_behind(dir, new).is_some());
        return Ok(if is_implied { Before::Implied } else { Before::Nothing });
    };
    let what = match new {
        Some(new) => before.difference(new),
        None if before.kind == "local" && before.arguments().is_empty() => None,
        None => Some(format!("it was \"{}\", and there is no backend block now", before.kind)),
    };
    let Some(what) = what else { return Ok(Before::Same) };
    if how.reconfigure {
        return Ok(Before::Nothing);
    }
    Ok(Before::Another(Some(before.backend(new.map(|new| new.span))?), what))
}

fn configured(new: Option<&Backend>, say: &dyn Fn(&str)) {
    match new {
        Some(new) => say(&format!(
            "\nSuccessfully configured the backend \"{}\"! glaz will automatically\nuse this backend unless the backend configuration changes.",
            new.kind
        )),
        None => say("\nSuccessfully unset the backend. glaz will now operate locally."),
    }
}

/// Moves all workspaces that hold anything, and are not in the same place before and after; their names. `way` is the way
/// out when one of them has an interrupted run.
async fn move_all(
    old: &Home,
    new: &Home,
    to: Option<&Backend>,
    way: &str,
    how: &How,
    globals: &Globals,
    say: &dyn Fn(&str),
) -> Result<Vec<String>, Diagnostic> {
    let mut found = Vec::new();
    for name in old.all().await? {
        if old.is_same(new, &name) {
            continue;
        }
        let (store, loaded) = open(old, &name, way, how, globals).await?;
        if loaded.exists && (name != DEFAULT || !loaded.state.is_empty() || !loaded.state.outputs.is_empty()) {
            found.push((name, store, loaded));
        }
    }
    let kind = to.map_or("local", |to| &to.kind);
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let others = new.all().await?;
    let mut targets = Vec::new();
    let mut overwritten = Vec::new();
    for (name, _, loaded) in &found {
        let (store, there) = open(new, name, WAY_THERE, how, globals).await?;
        let is_other = there.exists && there.state.instances != loaded.state.instances;
        if is_other && (!there.state.is_empty() || !there.state.outputs.is_empty()) {
            overwritten.push(name.clone());
        }
        targets.push(store);
    }
    if !confirmed(&found, &overwritten, kind, how, globals)? {
        say("No state was copied; the old one stays where it is.");
        return Ok(Vec::new());
    }
    let mut moved = Vec::new();
    for ((name, source, loaded), mut target) in found.into_iter().zip(targets) {
        if name != DEFAULT && !others.contains(&name) && target.is_file() {
            new.create(&name, &how.locking, globals).await?;
        }
        target.overwrite(&loaded.state).await?;
        say(&format!("Moved the workspace \"{name}\": {} to {}.", source.shown(), target.shown()));
        target.unlock().await?;
        let mut source = source;
        source.unlock().await?;
        moved.push(name);
    }
    Ok(moved)
}

/// A state, locked. One with an interrupted run is not moved: only that run's backend knows what it was doing.
async fn open(home: &Home, name: &str, way: &str, how: &How, globals: &Globals) -> Result<(Store, Loaded), Diagnostic> {
    let mut store = home.store(name);
    how.locking.take(&mut store, globals, "migration").await?;
    let loaded = state::load(&mut store, &globals.environment.clock()).await?;
    if loaded.open.is_empty() {
        return Ok((store, loaded));
    }
    let what = format!("A run on {} (workspace \"{name}\") was interrupted", store.shown());
    Err(edit::interrupted_run(&what, &loaded, way))
}

/// How to take up a run where the states are: only with the backend block that says so, which may be none.
fn way_out(former: Option<&str>) -> String {
    let (first, then) = match former {
        Some(block) => {
            let lines: Vec<String> = block.lines().map(|line| format!("    {line}\n")).collect();
            let lines = lines.concat();
            (format!("Put the backend block back as it was:\n\n{lines}\n"), "Then change the block again,")
        }
        None => ("Take the backend block out of the stack. ".to_owned(), "Then put the block back,"),
    };
    format!(
        "Nothing was copied or changed. {first}Let glaz look these objects up where they are known, in that workspace:\n\n    glaz apply -refresh-only\n\nglaz apply does that too. {then} and run this command once more."
    )
}

/// The same where they are to go.
const WAY_THERE: &str = "Nothing was copied or changed. That is the state in the new place. Let glaz look these objects up there, in that workspace and in a copy of the stack's files without .terraform and without states:\n\n    glaz apply -refresh-only\n\nThen run this command once more.";

/// Whether it is to be done: asked, unless that was said already.
fn confirmed(
    found: &[(String, Store, Loaded)],
    overwritten: &[String],
    kind: &str,
    how: &How,
    globals: &Globals,
) -> Result<bool, Diagnostic> {
    if how.force {
        return Ok(true);
    }
    let names: Vec<&str> = found.iter().map(|(name, ..)| name.as_str()).collect();
    let is_single = names == [DEFAULT];
    let mut text = if is_single {
        format!(
            "\nDo you want to copy existing state to the new backend?\n  There is a state where it was kept before, {}. The new backend is \"{kind}\".\n  Enter \"yes\" to copy it and \"no\" to go on with what is in the new backend.\n",
            found[0].1.shown()
        )
    } else {
        format!(
            "\nDo you want to migrate all workspaces to \"{kind}\"?\n  These workspaces are copied, their old states stay where they are: {}.\n  Enter \"yes\" to copy them and \"no\" to stop here.\n",
            names.join(", ")
        )
    };
    if !overwritten.is_empty() {
        text.push_str(&format!(
            "\n  The new backend has other states with objects, which will be OVERWRITTEN: {}.\n",
            overwritten.join(", ")
        ));
    }
    let answer = Some(text).filter(|_| how.may_ask).and_then(|text| globals.shell.ask(&(text + "\n  Enter a value: ")));
    match answer.as_deref() {
        Some("yes") => Ok(true),
        Some(_) if is_single => Ok(false),
        Some(_) => Err(Diagnostic::error("Migration aborted by user", "Nothing was changed.")),
        None => Err(Diagnostic::error(
            "Error asking for state migration action",
            "Nobody can be asked whether states are to be copied: standard input is no terminal, or -input=false is given. Nothing was changed. To copy them without asking, run it again with:\n\n    -force-copy",
        )),
    }
}

/// Empties the file beside the stack, as Terraform does, so that it is not taken for the state again. It stays as a backup,
/// as does a journal, which is part of the state that was copied.
fn set_aside(path: &Path) -> Result<(), Diagnostic> {
    let failed = |error: std::io::Error| {
        let text = format!("The state was copied, but {} could not be emptied: {error}. Remove it.", path.display());
        Diagnostic::error("Error removing the old state", text)
    };
    let backup_of = |path: &Path| {
        let mut backup = path.as_os_str().to_owned();
        backup.push(".backup");
        backup
    };
    let (backup, journal) = (backup_of(path), LocalStore::open(path).journal_path());
    match std::fs::rename(&journal, backup_of(&journal)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    match std::fs::read(path) {
        Ok(bytes) if !bytes.is_empty() => {
            atomic::replace(Path::new(&backup), &bytes, atomic::STATE_MODE).map_err(failed)?;
            atomic::replace(path, b"", atomic::STATE_MODE).map_err(failed)
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

fn undecided(what: &str) -> Diagnostic {
    let text = format!(
        "A change in the backend configuration has been detected, which may require moving the state: {what}. Nothing was changed.\n\nTo move the states to the new backend:\n\n    glaz init -migrate-state\n\nTo take the new backend as it is, and leave the old states alone:\n\n    glaz init -reconfigure"
    );
    Diagnostic::error("Backend configuration changed", text)
}

fn no_bucket() -> Diagnostic {
    let text = "-create-bucket makes the bucket of a backend \"s3\", and this stack has no such backend block.";
    Diagnostic::error("Invalid init options", text)
}
