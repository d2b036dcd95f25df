//! `glaz state list` and `glaz state show`.

use clap::{Args, Subcommand};

use super::Globals;
use super::failure::Failure;
use super::render;
use super::stack;
use super::stored::{self, StoredArgs};
use crate::address::{Address, ModulePath};
use crate::diagnostic::{Diagnostic, near_miss};
use crate::state::{Instance, InstanceKey, State};
use crate::value::json;

/// Look into the state.
#[derive(Subcommand, Debug)]
pub(super) enum StateCommand {
    List(ListArgs),
    Show(ShowArgs),
}

/// List the objects that the state remembers.
///
/// One address per line. Without arguments all of them; a resource stands for all its instances, a module for all that
/// is inside it.
#[derive(Args, Debug)]
pub(super) struct ListArgs {
    /// Only these resources, instances or modules.
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// Only objects with this id.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    state: StoredArgs,
}

/// Show one object with all its attributes.
///
/// Sensitive values are hidden.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// The instance, with its key if the resource has count or for_each.
    #[arg(value_name = "ADDRESS")]
    address: String,
    #[command(flatten)]
    state: StoredArgs,
}

/// Runs the subcommand; the exit code.
pub(super) fn run(command: &StateCommand, globals: &Globals) -> Result<u8, Failure> {
    match command {
        StateCommand::List(args) => {
            let state = stored::expect(&args.state, globals)?;
            for address in list(&state, &args.addresses, args.id.as_deref())? {
                globals.shell.line(&address.to_string());
            }
        }
        StateCommand::Show(args) => {
            let state = stored::expect(&args.state, globals)?;
            let (key, instance) = find(&state, &args.address)?;
            globals.shell.out(&render::state::object(key, instance, &stack::registry())?);
        }
    }
    Ok(0)
}

/// What an argument of `state list` selects.
enum Filter {
    /// One instance, or all of a resource.
    Resource(Address),
    /// Everything inside a module.
    Module(ModulePath),
}

impl Filter {
    fn parse(text: &str) -> Result<Self, Diagnostic> {
        if let Ok(module) = text.parse::<ModulePath>() {
            return Ok(Self::Module(module));
        }
        text.parse().map(Self::Resource).map_err(|error| Diagnostic::error("Invalid address", format!("{error}.")))
    }

    fn fits(&self, address: &Address) -> bool {
        match self {
            Self::Resource(wanted) => {
                wanted.resource == address.resource && (wanted.key.is_none() || wanted.key == address.key)
            }
            Self::Module(wanted) => {
                let steps = &address.resource.module.0;
                let mut pairs = wanted.0.iter().zip(steps.iter());
                steps.len() >= wanted.0.len()
                    && pairs.all(|(a, b)| a.name == b.name && (a.key.is_none() || a.key == b.key))
            }
        }
    }
}

/// Addresses of current objects that the filters select, in the order of the state.
fn list<'a>(state: &'a State, filters: &[String], id: Option<&str>) -> Result<Vec<&'a Address>, Diagnostic> {
    let mut all: Vec<(&Address, &Instance)> = Vec::new();
    for (key, instance) in render::state::sorted(state) {
        if all.last().is_none_or(|(last, _)| **last != key.address) {
            all.push((&key.address, instance));
        }
    }
    let mut wanted = Vec::new();
    for text in filters {
        let filter = Filter::parse(text)?;
        if !all.iter().any(|(address, _)| filter.fits(address)) {
            return Err(unknown(text, &filter, state));
        }
        wanted.push(filter);
    }
    all.retain(|(address, instance)| {
        (wanted.is_empty() || wanted.iter().any(|filter| filter.fits(address)))
            && id.is_none_or(|id| id_of(instance).as_deref() == Some(id))
    });
    Ok(all.into_iter().map(|(address, _)| address).collect())
}

fn id_of(instance: &Instance) -> Option<String> {
    json::implied(instance.attributes.value()).ok()?.get("id")?.as_str().map(str::to_owned)
}

fn unknown(text: &str, filter: &Filter, state: &State) -> Diagnostic {
    let (summary, what) = match filter {
        Filter::Module(_) => ("Unknown module", "nothing inside"),
        Filter::Resource(address) if address.key.is_some() => ("Unknown resource instance", "no resource instance"),
        Filter::Resource(_) => ("Unknown resource", "no resource"),
    };
    let detail = format!(
        "The state has {what} {text}.{} If you added it to the stack a moment ago, it appears with the next apply.",
        hint(text, state)
    );
    Diagnostic::error(summary, detail)
}

/// The near miss among addresses, with and without keys.
fn hint(text: &str, state: &State) -> String {
    let mut names: Vec<String> = Vec::new();
    for key in state.instances.keys() {
        names.push(key.address.to_string());
        names.push(key.address.resource.to_string());
    }
    near_miss(text, names.iter().map(String::as_str)).map(|near| format!(" Did you mean {near}?")).unwrap_or_default()
}

/// The object that `state show` means.
fn find<'a>(state: &'a State, text: &str) -> Result<(&'a InstanceKey, &'a Instance), Diagnostic> {
    const SEE: &str = "To see all instances:\n\n    glaz state list";
    let address: Address = text.parse().map_err(|error| {
        Diagnostic::error("Invalid address", format!("{error}. This command needs the address of one instance. {SEE}"))
    })?;
    if let Some(found) = state.instances.get_key_value(&InstanceKey::current(address.clone())) {
        return Ok(found);
    }
    let mut siblings: Vec<String> =
        state.of_resource(&address.resource).map(|(key, _)| key.address.to_string()).collect();
    siblings.dedup();
    let detail = match siblings.as_slice() {
        [] => format!("The state has no instance {text}.{} {SEE}", hint(text, state)),
        [one] => format!("The state has no instance {text}. Did you mean {one}?"),
        many => {
            let list: String = many.iter().map(|one| format!("    {one}\n")).collect::<Vec<_>>().concat();
            format!("The state has no instance {text}, but these of the same resource:\n\n{}", list.trim_end())
        }
    };
    Err(Diagnostic::error("No instance found for the given address", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(text: &str) -> State {
        crate::state::file_v4::read(text.as_bytes(), "terraform.tfstate").expect("a state").expect("not empty")
    }

    fn nested() -> State {
        sample(include_str!("../state/samples/modules-nested.json"))
    }

    fn listed(state: &State, filters: &[&str]) -> Vec<String> {
        let filters: Vec<String> = filters.iter().map(|one| (*one).to_owned()).collect();
        match list(state, &filters, None) {
            Ok(all) => all.into_iter().map(ToString::to_string).collect(),
            Err(problem) => vec![format!("{}: {}", problem.summary, problem.detail)],
        }
    }

    #[test]
    fn lists_in_terraforms_order() {
        let all = listed(&nested(), &[]);
        assert_eq!(all.len(), 15);
        assert_eq!(
            all[..3],
            [
                "module.counted[0].terraform_data.r",
                "module.counted[1].terraform_data.r",
                "module.many[\"x\"].terraform_data.r"
            ]
        );
        assert_eq!(all[14], "module.one.module.deep.terraform_data.d[1]");
    }

    #[test]
    fn filters_take_resources_instances_and_modules() {
        let state = nested();
        assert_eq!(listed(&state, &["module.one"]).len(), 3);
        assert_eq!(listed(&state, &["module.many"]).len(), 6);
        assert_eq!(listed(&state, &["module.one.module.deep.terraform_data.d"]).len(), 2);
        assert_eq!(listed(&state, &["module.one.module.deep.terraform_data.d[1]"]).len(), 1);
        assert!(listed(&state, &["terraform_data.nope"])[0].starts_with("Unknown resource: The state has no resource"));
        assert!(listed(&state, &["module.on"])[0].starts_with("Unknown module"));
    }

    #[test]
    fn a_deposed_object_is_listed_with_its_instance() {
        assert_eq!(listed(&sample(include_str!("../state/samples/deposed.json")), &[]), ["terraform_data.a"]);
    }

    #[test]
    fn a_missing_key_is_told() {
        let state = sample(include_str!("../state/samples/tainted.json"));
        let problem = find(&state, "terraform_data.b").expect_err("refused");
        assert!(problem.detail.ends_with("terraform_data.b[0]\n    terraform_data.b[1]"), "{}", problem.detail);
        let problem = find(&state, "terraform_data.aa").expect_err("refused");
        assert!(problem.detail.contains("Did you mean terraform_data.a?"), "{}", problem.detail);
        let (key, instance) = find(&state, "terraform_data.b[1]").expect("found");
        let text = render::state::object(key, instance, &stack::registry()).expect("text");
        let plain = anstream::adapter::strip_str(&text).to_string();
        let expected = "# terraform_data.b[1]: (tainted)\nresource \"terraform_data\" \"b\" {\n    id = \"5a93e10c-ad08-a9a0-ddb7-fe2eb546a0b1\"\n}\n";
        assert_eq!(plain, expected);
    }
}
