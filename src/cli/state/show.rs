//! `glaz state show`.

use clap::Args;

use super::list::hint;
use crate::address::Address;
use crate::cli::Globals;
use crate::cli::failure::Failure;
use crate::cli::render;
use crate::cli::stack;
use crate::cli::stored::{self, StoredArgs};
use crate::diagnostic::Diagnostic;
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
pub(super) fn run(args: &ShowArgs, globals: &Globals) -> Result<u8, Failure> {
    let state = stored::expect(&args.state, globals)?;
    let (key, instance) = find(&state, &args.address)?;
    globals.shell.out(&render::state::object(key, instance, &stack::registry())?);
    Ok(0)
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

    #[test]
    fn a_missing_key_is_told() {
        let sample = include_bytes!("../../state/samples/tainted.json");
        let state = crate::state::file_v4::read(sample, "terraform.tfstate").expect("a state").expect("not empty");
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
