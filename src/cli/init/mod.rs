//! `glaz init`: checks the configuration and prepares what it needs from elsewhere.

mod flags;
mod from_module;
mod voice;

use std::path::Path;

use super::Globals;
use super::backend::migrate::{self, How};
use super::failure::Failure;
use super::modules;
use super::place::Place;
use super::stack::LockArgs;
use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::lang::{self, Config, Loaded, backend};
use crate::state;
use crate::value::Value;
pub(super) use flags::InitArgs;
use voice::Voice;

/// Prepares the current folder; the exit code.
pub(super) async fn run(args: &InitArgs, globals: &Globals) -> Result<u8, Failure> {
    let voice = Voice::new(args.json, globals);
    match prepare(args, globals, &voice).await {
        Ok(warnings) => {
            voice.problems(&warnings.report, &warnings.sources)?;
            Ok(0)
        }
        Err(failure) if args.json => {
            voice.problems(&failure.report, &failure.sources)?;
            Ok(1)
        }
        Err(failure) => Err(failure),
    }
}

/// The steps of `init`; warnings with their files.
async fn prepare(args: &InitArgs, globals: &Globals, voice: &Voice<'_>) -> Result<Failure, Failure> {
    args.check()?;
    if let Some(source) = &args.from_module {
        voice.say("copying_configuration_message", &format!("Copying configuration from \"{source}\"...\n"));
        from_module::copy(source, globals)?;
    }
    let Loaded { config, mut sources, report, .. } = lang::load_root(Path::new("."));
    if report.has_errors() {
        // What is wrong with the modules is told too.
        let Loaded { sources, report, .. } = modules(args, globals, voice, &config)?;
        return Err(Failure { report, sources });
    }
    if sources.is_empty() {
        voice.say("output_init_empty_message", EMPTY);
        return Ok(Failure { report, sources });
    }
    voice.say("initializing_backend_message", "Initializing the backend...");
    let given = given(&args.backend_config, &mut sources)?;
    let mut warnings = Report::default();
    if !args.skips_backend() {
        let fail = |report: Report| Failure { report, sources: sources.clone() };
        let root = config.root().map(|root| &*root.body);
        let say = |text: &str| voice.say("backend_configured_message", text);
        let found = migrate::set_up(Path::new(""), root, &given, &how(args), globals, &say).await;
        warnings = found.map_err(fail)?;
        let mut store = Place::of(None, root, globals).await.map_err(fail)?.store()?;
        let loaded = state::load(&mut store, &globals.environment.clock()).await;
        warnings.extend(loaded.map_err(|problem| fail(problem.into()))?.warnings);
    }
    let Loaded { config: full, sources, mut report, .. } = modules(args, globals, voice, &config)?;
    if report.has_errors() {
        return Err(Failure { report, sources });
    }
    voice.say("initializing_provider_plugin_message", "Initializing provider plugins...");
    report.0.extend(args.tests.missing(Path::new(".")));
    let missing = super::providers::missing(&full, &super::stack::registry(), NO_PROVIDER);
    if missing.has_errors() {
        return Err(Failure { report: missing, sources });
    }
    voice.log("All providers are built in: there is nothing to download.");
    voice.say("output_init_success_message", "\nglaz has been successfully initialized!");
    voice.say("output_init_success_cli_message", READY);
    report.extend(warnings);
    Ok(Failure { report, sources })
}

/// What to do about the backend.
fn how(args: &InitArgs) -> How {
    How {
        reconfigure: args.reconfigure,
        migrate: args.migrate_state,
        force: args.force_copy,
        may_ask: args.input != Some(false) && !args.json,
        creates: args.create_bucket,
        locking: LockArgs { lock: args.lock, lock_timeout: args.lock_timeout },
    }
}

/// Installs the modules, or takes them as they are.
fn modules(args: &InitArgs, globals: &Globals, voice: &Voice<'_>, root: &Config) -> Result<Loaded, Failure> {
    let stack = Path::new(".");
    let calls = root.root().is_some_and(|root| !root.body.calls.is_empty());
    if args.skips_modules() || !calls {
        return Ok(lang::load_from(stack, modules::files(&globals.environment)));
    }
    let (code, text) = if args.upgrade {
        ("upgrading_modules_message", "Upgrading modules...")
    } else {
        ("initializing_modules_message", "Initializing modules...")
    };
    voice.say(code, text);
    let how = modules::How { is_upgrade: args.upgrade, is_readonly: args.is_readonly() };
    modules::install(stack, how, &globals.environment, &mut |event| voice.event(event))
}

const NO_PROVIDER: &str = "Failed to query available provider packages";
const EMPTY: &str = "glaz initialized in an empty directory!\n\nThe folder holds no configuration files yet.";
const READY: &str = "\nThe configuration can be planned now:\n\n    glaz plan";

/// The arguments of `-backend-config`: `NAME=VALUE`, or a file of such lines.
fn given(words: &[String], sources: &mut Sources) -> Result<Vec<backend::Given>, Failure> {
    let mut all = Vec::new();
    for word in words {
        if let Some((name, value)) = word.split_once('=') {
            all.push(backend::Given { name: name.trim().into(), value: Value::string(value), expr: None });
            continue;
        }
        let read = std::fs::read_to_string(word).map_err(|error| {
            let text = format!("The file {word} given with -backend-config cannot be read: {error}.");
            Diagnostic::error("Failed to read file", text)
        });
        let text = read.map_err(|problem| Failure { report: problem.into(), sources: sources.clone() })?;
        let values = backend::from_file(Path::new(word), &text, sources);
        all.extend(values.map_err(|report: Report| Failure { report, sources: sources.clone() })?);
    }
    Ok(all)
}
