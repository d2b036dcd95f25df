//! `glaz providers` and `glaz providers schema`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clap::{Args, Subcommand};

use super::Globals;
use super::failure::Failure;
use super::render;
use super::stack;
use super::stored::{self, StoredArgs};
use super::test_directory::TestDirectory;
use crate::diagnostic::{Diagnostic, Report};
use crate::lang::Config;
use crate::plan::Connections;
use crate::resource::Registry;
use crate::state::State;

/// Show which providers the stack and its state need.
#[derive(Args, Debug)]
pub(super) struct ProvidersArgs {
    #[command(subcommand)]
    command: Option<ProvidersCommand>,
    #[command(flatten)]
    tests: TestDirectory,
}

#[derive(Subcommand, Debug)]
enum ProvidersCommand {
    Schema(SchemaArgs),
    /// Say that there is nothing to lock: providers are built in.
    Lock(NoArgs),
    /// Say that there is nothing to mirror: providers are built in.
    Mirror(NoArgs),
}

/// Whatever Terraform's command takes.
#[derive(Args, Debug)]
struct NoArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    given: Vec<String>,
}

/// Print the attributes of all built-in resource types.
#[derive(Args, Debug)]
struct SchemaArgs {
    /// Print JSON, in Terraform's form. There is no other form.
    #[arg(long)]
    json: bool,
}

/// Shows providers or their schemas; the exit code.
pub(super) async fn run(args: &ProvidersArgs, globals: &Globals) -> Result<u8, Failure> {
    let registry = stack::registry();
    match &args.command {
        Some(ProvidersCommand::Schema(args)) if args.json => globals.shell.line(&render::json::schemas(&registry)?),
        Some(ProvidersCommand::Schema(_)) => {
            let text = "Schemas are printed for programs only. Run it again as:\n\n    glaz providers schema -json";
            return Err(Diagnostic::error("-json is required", text).into());
        }
        Some(ProvidersCommand::Lock(NoArgs { given }) | ProvidersCommand::Mirror(NoArgs { given })) => {
            let ignored = if given.is_empty() { "" } else { " The arguments were not looked at." };
            let text = "All providers are built in: nothing is downloaded, so there is nothing to lock or to mirror.";
            globals.shell.line(&format!("{text}{ignored}"));
        }
        None => {
            let loaded = super::modules::load(Path::new("."), globals)?;
            if loaded.report.has_errors() {
                return Err(Failure { report: loaded.report, sources: loaded.sources });
            }
            let mut warnings = loaded.report;
            warnings.0.extend(args.tests.missing(Path::new(".")));
            globals.warn(&warnings, &loaded.sources);
            let state = stored::read(&StoredArgs::default(), globals).await?;
            globals.shell.out(&needed(&loaded.config, state.as_ref(), &registry));
        }
    }
    Ok(0)
}

fn needed(config: &Config, state: Option<&State>, registry: &Registry) -> String {
    let mut out = String::from("\nProviders required by configuration:\n.\n");
    if !config.modules.is_empty() {
        branch(config, 0, registry, "", &mut out);
    }
    let stored: BTreeSet<String> = state
        .into_iter()
        .flat_map(|state| state.instances.values())
        .map(|instance| Connections::parse(&instance.provider).source.to_string())
        .collect();
    if !stored.is_empty() {
        out.push_str("\nProviders required by state:\n\n");
        stored.iter().for_each(|source| out.push_str(&format!("    provider[{source}]\n\n")));
    }
    out
}

/// One module: its providers, then the modules it calls.
fn branch(config: &Config, at: usize, registry: &Registry, indent: &str, out: &mut String) {
    let Some(module) = config.modules.get(at) else { return };
    let providers = providers(config, at, registry);
    let count = providers.len() + module.children.len();
    let twig = |number: usize, text: &str, out: &mut String| {
        let (line, deeper) = if number + 1 == count { ("└── ", "    ") } else { ("├── ", "│   ") };
        out.push_str(&format!("{indent}{line}{text}\n"));
        format!("{indent}{deeper}")
    };
    for (number, (source, versions)) in providers.iter().enumerate() {
        let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
        let text = format!("provider[{source}] {}", versions.join(", "));
        twig(number, text.trim_end(), out);
    }
    for (number, (name, child)) in module.children.iter().enumerate() {
        let deeper = twig(providers.len() + number, &format!("module.{name}"), out);
        branch(config, *child, registry, &deeper, out);
    }
}

/// Providers that the modules need and glaz does not have, each a problem with this summary.
pub(super) fn missing(config: &Config, registry: &Registry, summary: &'static str) -> Report {
    let all: BTreeSet<String> =
        (0..config.modules.len()).flat_map(|at| providers(config, at, registry).into_keys()).collect();
    let is_known = |source: &String| registry.providers().iter().any(|provider| provider.source() == source);
    let problem = |source: String| {
        let known: Vec<&str> = registry.providers().iter().map(|provider| provider.source()).collect();
        let text = format!(
            "The configuration needs the provider {source}, and it is none of those built into glaz, which downloads \
             none: {}. Remove what needs it, or correct its source in required_providers.",
            known.join(", ")
        );
        Diagnostic::error(summary, text)
    };
    Report(all.into_iter().filter(|source| !is_known(source)).map(problem).collect())
}

/// Sources of the providers that a module names or uses, with the versions it asks for.
fn providers(config: &Config, at: usize, registry: &Registry) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let Some(module) = config.modules.get(at) else { return all };
    let required = &module.body.settings.required_providers;
    for one in required.values() {
        all.entry(one.source.to_string()).or_default().extend(one.version.iter().map(ToString::to_string));
    }
    let source = |local: &str| match (required.get(local), registry.provider(local)) {
        (Some(required), _) => required.source.to_string(),
        (None, Some(provider)) => provider.source().to_owned(),
        (None, None) => format!("registry.terraform.io/hashicorp/{local}"),
    };
    for block in module.body.resources.values() {
        let by_type = || registry.provider_of(&block.name.type_name).map(|one| one.name());
        let first_word = || block.name.type_name.split('_').next().unwrap_or_default();
        let local = block.provider.as_deref().map(|(local, ..)| &**local).or_else(by_type).unwrap_or_else(first_word);
        all.entry(source(local)).or_default();
    }
    for (local, _) in module.body.providers.keys() {
        all.entry(source(local)).or_default();
    }
    all
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::lang::config::{Module, ModuleBody, RequiredProvider};

    #[test]
    fn a_tree_of_modules() {
        let mut body = ModuleBody::default();
        let required = RequiredProvider {
            source: "registry.terraform.io/hashicorp/aws".into(),
            version: Some("~> 5.0".into()),
            aliases: Vec::new(),
            span: crate::diagnostic::Span { file: 0, start: 0, end: 0 },
        };
        body.settings.required_providers.insert("aws".into(), required);
        let body = Arc::new(body);
        let module = |children: &[(&str, usize)]| Module {
            children: children.iter().map(|(name, at)| ((*name).into(), *at)).collect(),
            body: body.clone(),
            ..Module::default()
        };
        let config = Config { modules: vec![module(&[("a", 1), ("b", 2)]), module(&[]), module(&[])] };
        let state = include_str!("../state/samples/tainted.json");
        let state = crate::state::file_v4::read(state.as_bytes(), "x").expect("a state");
        insta::assert_snapshot!(needed(&config, state.as_ref(), &Registry::default()), @r"

        Providers required by configuration:
        .
        ├── provider[registry.terraform.io/hashicorp/aws] ~> 5.0
        ├── module.a
        │   └── provider[registry.terraform.io/hashicorp/aws] ~> 5.0
        └── module.b
            └── provider[registry.terraform.io/hashicorp/aws] ~> 5.0

        Providers required by state:

            provider[terraform.io/builtin/terraform]
        ");
    }
}
