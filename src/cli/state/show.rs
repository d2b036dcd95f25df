//! `glaz state show`.

use clap::Args;

use super::list::hint;
use crate::address::Address;
use crate::cli::Globals;
use crate::cli::failure::Failure;
use crate::cli::render;
use crate::cli::stack;
use crate::cli::stored::{self, StoredArgs};
use crate::state::{Instance, InstanceKey, State};

/// Show one object with all its attributes.
///
/// Sensitive values are hidden.
#[derive(Args, Debug)]
pub(in crate::cli) struct ShowArgs {
    /// The instance, with its key if the resource has count or for_each.
    #[arg(value_name = "ADDRESS")]
    address: String,
    #[command(flatten)]
    state: StoredArgs,
}

/// Shows the object; the exit code.
pub(super) async fn run(args: &ShowArgs, globals: &Globals) -> Result<u8, Failure> {
    let state = stored::required(&args.state, globals).await?;
    let (key, instance) = find(&state, &args.address)?;
    globals.shell.out(&render::state::object(key, instance, &stack::registry())?);
    Ok(0)
}

/// The object that `state show` means.
fn find<'a>(state: &'a State, text: &str) -> Result<(&'a InstanceKey, &'a Instance), Failure> {
    const SEE: &str = "This command requires that the address references one specific instance. To view the available instances, use \"glaz state list\".";
    let Ok(address) = text.parse::<Address>() else {
        return Err(Failure::words(format!("Error parsing instance address: {text}\n\n{SEE}")));
    };
    if let Some(found) = state.instances.get_key_value(&InstanceKey::current(address.clone())) {
        return Ok(found);
    }
    let mut siblings: Vec<String> =
        state.of_resource(&address.resource).map(|(key, _)| key.address.to_string()).collect();
    siblings.dedup();
    let is_left = state.of_resource(&address.resource).any(|(key, _)| key.address == address);
    let why = match siblings.as_slice() {
        _ if is_left => format!(
            "Of {text} the state has only the deposed object: its replacement was not made yet. \"glaz apply\" completes it."
        ),
        [] => format!("The state has no instance {text}.{}", hint(text, state)),
        [one] => format!("The state has no instance {text}. Did you mean {one}?"),
        many => {
            let list: String = many.iter().map(|one| format!("    {one}\n")).collect::<Vec<_>>().concat();
            format!("The state has no instance {text}, but these of the same resource:\n\n{}", list.trim_end())
        }
    };
    Err(Failure::words(format!("No instance found for the given address!\n\n{SEE}\n\n{why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_told() {
        let key = |text: &str| InstanceKey::current(text.parse().expect("an address"));
        let sample = include_bytes!("../../state/samples/tainted.json");
        let state = crate::state::file_v4::read(sample, "terraform.tfstate").expect("a state").expect("not empty");
        let problem = find(&state, "terraform_data.b").expect_err("refused");
        assert!(
            problem.report.0[0].detail.ends_with("terraform_data.b[0]\n    terraform_data.b[1]"),
            "{}",
            problem.report.0[0].detail
        );
        let problem = find(&state, "terraform_data.aa").expect_err("refused");
        assert!(
            problem.report.0[0].detail.contains("Did you mean terraform_data.a?"),
            "{}",
            problem.report.0[0].detail
        );
        // During a create-first replacement, the old object may be all there is.
        let mut deposed = state.clone();
        let left = deposed.instances.remove(&key("terraform_data.a")).expect("an instance");
        deposed.instances.insert(InstanceKey { deposed: Some("12345678".to_owned()), ..key("terraform_data.a") }, left);
        let problem = find(&deposed, "terraform_data.a").expect_err("refused");
        assert!(problem.report.0[0].detail.contains("only the deposed object"), "{}", problem.report.0[0].detail);
        let (key, instance) = find(&state, "terraform_data.b[1]").expect("found");
        let text = render::state::object(key, instance, &stack::registry()).expect("text");
        let plain = anstream::adapter::strip_str(&text).to_string();
        let expected = "# terraform_data.b[1]: (tainted)\nresource \"terraform_data\" \"b\" {\n    id = \"5a93e10c-ad08-a9a0-ddb7-fe2eb546a0b1\"\n}\n";
        assert_eq!(plain, expected);
    }
}
