//! `glaz state list`.

use clap::Args;

use super::parse;
use crate::address::Address;
use crate::cli::Globals;
use crate::cli::failure::Failure;
use crate::cli::render;
use crate::cli::stored::{self, StoredArgs};
use crate::diagnostic::{Diagnostic, near_miss};
use crate::state::select::Selection;
use crate::state::{Instance, State};
use crate::value::json;

/// List the objects that the state remembers.
///
/// One address per line. Without arguments all of them; a resource stands for all its instances, a module for all that
/// is inside it.
#[derive(Args, Debug)]
pub(in crate::cli) struct ListArgs {
    /// Only these resources, instances or modules.
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// Only objects with this id.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    state: StoredArgs,
}

/// Lists addresses; the exit code.
pub(super) async fn run(args: &ListArgs, globals: &Globals) -> Result<u8, Failure> {
    let state = stored::required(&args.state, globals).await?;
    for address in list(&state, &args.addresses, args.id.as_deref())? {
        globals.shell.line(&address.to_string());
    }
    Ok(0)
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
        let filter = parse(text)?;
        if !filter.is_in(state) {
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

fn unknown(text: &str, filter: &Selection, state: &State) -> Diagnostic {
    let (summary, what) = match filter {
        Selection::Module(_) => ("Unknown module", "nothing inside"),
        Selection::Instance(_) => ("Unknown resource instance", "no resource instance"),
        Selection::Resource(_) => ("Unknown resource", "no resource"),
    };
    let detail = format!(
        "The state has {what} {text}.{} If you added it to the stack a moment ago, it appears with the next apply.",
        hint(text, state)
    );
    Diagnostic::error(summary, detail)
}

/// The near miss among addresses, with and without keys.
pub(super) fn hint(text: &str, state: &State) -> String {
    let mut names: Vec<String> = Vec::new();
    for key in state.instances.keys() {
        names.push(key.address.to_string());
        names.push(key.address.resource.to_string());
    }
    near_miss(text, names.iter().map(String::as_str)).map(|near| format!(" Did you mean {near}?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(text: &str) -> State {
        crate::state::file_v4::read(text.as_bytes(), "terraform.tfstate").expect("a state").expect("not empty")
    }

    fn nested() -> State {
        sample(include_str!("../../state/samples/modules-nested.json"))
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
        assert_eq!(listed(&sample(include_str!("../../state/samples/deposed.json")), &[]), ["terraform_data.a"]);
    }
}
