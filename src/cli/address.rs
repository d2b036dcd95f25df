//! Addresses on the command line.

use crate::address::{Address, BadAddress, ModulePath};
use crate::diagnostic::Diagnostic;

/// One instance, as a command needs it.
pub(super) fn instance(text: &str) -> Result<Address, Diagnostic> {
    if text.parse::<ModulePath>().is_ok() {
        let detail = format!(
            "{text} is a module. A resource instance address is required here: the module path must be followed by a resource, such as {text}.aws_vpc.main."
        );
        return Err(Diagnostic::error("Invalid address", detail));
    }
    text.parse().map_err(|error| bad(&error))
}

/// The text is no address.
pub(super) fn bad(error: &BadAddress) -> Diagnostic {
    let has_bad_key = error.why.contains("instance key");
    let summary = if has_bad_key { "Index value required" } else { "Invalid address" };
    let mut detail = format!("{error}.");
    if has_bad_key {
        detail.push_str(
            " In most shells the whole address must stand in single quotes, or the quotes of the key are lost.",
        );
    }
    Diagnostic::error(summary, detail)
}
