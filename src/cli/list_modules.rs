//! `glaz modules`.

use std::path::Path;

use clap::Args;

use super::Globals;
use super::failure::Failure;
use super::modules;
use super::render;
use super::render::json::Called;
use crate::lang::Config;
use crate::lang::installed::Installed;

/// Show the modules that the stack calls, with their addresses and versions.
#[derive(Args, Debug)]
pub(super) struct ModulesArgs {
    /// Print JSON, in Terraform's form.
    #[arg(long)]
    json: bool,
}

/// Shows the modules; the exit code.
pub(super) fn run(args: &ModulesArgs, globals: &Globals) -> Result<u8, Failure> {
    let stack = Path::new(".");
    let loaded = modules::load(stack, globals)?;
    if loaded.report.has_errors() {
        return Err(Failure { report: loaded.report, sources: loaded.sources });
    }
    globals.warn(&loaded.report, &loaded.sources);
    let installed = Installed::read(stack, &modules::files(&globals.environment));
    let mut all = Vec::new();
    let mut tree = String::new();
    if !loaded.config.modules.is_empty() {
        below(&loaded.config, &installed, 0, "", &mut tree, &mut all);
    }
    if args.json {
        globals.shell.line(&render::json::modules(&all)?);
    } else if all.is_empty() {
        globals.shell.line("No modules found in configuration.");
    } else {
        globals.shell.line(&format!("\nModules declared by configuration:\n.\n{tree}"));
    }
    Ok(0)
}

/// The calls of a module, each followed by those inside.
fn below(config: &Config, installed: &Installed, at: usize, indent: &str, tree: &mut String, all: &mut Vec<Called>) {
    let children = &config.modules[at].children;
    for (number, (name, &child)) in children.iter().enumerate() {
        let module = &config.modules[child];
        let record = installed.manifest().and_then(|manifest| manifest.0.get(&module.path.join(".")));
        let version = record.and_then(|record| record.version.clone()).unwrap_or_default();
        let source = module.source.as_ref().map(ToString::to_string).unwrap_or_default();
        let (twig, deeper) =
            if number + 1 == children.len() { ("└── ", "    ") } else { ("├── ", "│   ") };
        let call = config.modules[at].body.calls.get(name);
        let wanted = call.and_then(|call| call.version.as_deref()).filter(|wanted| *wanted != version);
        let version_shown = match (version.is_empty(), wanted) {
            (true, _) => String::new(),
            (false, None) => format!(" {version}"),
            (false, Some(wanted)) => format!(" {version} ({wanted})"),
        };
        tree.push_str(&format!("{indent}{twig}\"{name}\"[{source}]{version_shown}\n"));
        all.push(Called { key: name.to_string(), source, version });
        below(config, installed, child, &format!("{indent}{deeper}"), tree, all);
    }
}
