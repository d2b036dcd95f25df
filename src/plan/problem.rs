//! Failed calls and table problems as diagnostics that point at the stack file.

use crate::address::Address;
use crate::diagnostic::{AwsCall, Diagnostic};
use crate::lang::{Path, Spans, Step};
use crate::resource::{Error, ErrorKind, Problem};

/// A failed call as a diagnostic: what was tried, what the service says, what to do.
pub fn from_error(error: &Error, address: &Address, doing: &str) -> Diagnostic {
    if let Some(summary) = error.summary {
        return Diagnostic::error(summary, error.message.clone()).about(address);
    }
    let (summary, advice) = match error.kind {
        ErrorKind::Credentials => (
            "No usable AWS credentials",
            "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with `aws sso login`. Nothing was changed by this call.",
        ),
        ErrorKind::Unreachable | ErrorKind::NoAnswer => (
            "The service cannot be reached",
            "Check the network, the region and a custom endpoint (AWS_ENDPOINT_URL). Run the command again when it answers.",
        ),
        ErrorKind::Throttled => {
            ("Too many calls", "The service asks to slow down. Run the command again, with a lower -parallelism.")
        }
        ErrorKind::Server => ("The service failed", "The service reports a fault of its own. Run the command again."),
        ErrorKind::Refused if error.is_denied() => (
            "Access denied",
            "The credentials in use may not do this. Add the permission to their role or user, or use others. Run the command again then.",
        ),
        ErrorKind::Refused => ("The service refused the call", ""),
        ErrorKind::Local => match doing {
            "Creating" => ("The object cannot be made", ""),
            "Reading" => ("The object cannot be read", ""),
            "Deleting" => ("The object cannot be deleted", ""),
            _ => ("The object cannot be handled", ""),
        },
    };
    let message = error.message.trim_end_matches('.');
    let mut detail = format!("{doing} {address} failed: {message}.");
    if !advice.is_empty() {
        detail = format!("{detail} {advice}");
    }
    let call =
        AwsCall { operation: error.operation.clone(), code: error.code.clone(), request_id: error.request_id.clone() };
    let diagnostic = Diagnostic::error(summary, detail).about(address);
    Diagnostic { aws: (!call.code.is_empty()).then_some(call), ..diagnostic }
}

/// A problem a type or its table found in the stack file.
pub fn from_problem(problem: &Problem, address: &Address, spans: &Spans) -> Diagnostic {
    of_object(problem, address).at(spans.of(&path(&problem.path))).within(spans.header())
}

/// The same, without the place.
pub fn of_object(problem: &Problem, address: &Address) -> Diagnostic {
    let found = if problem.is_warning {
        Diagnostic::warning(problem.summary.unwrap_or("Doubtful argument"), problem.text.clone())
    } else {
        Diagnostic::error(problem.summary.unwrap_or("Invalid argument"), problem.text.clone())
    };
    found.about(address)
}

/// The path of attribute names; a number is a position.
pub fn path(names: &[String]) -> Path {
    Path(names.iter().map(|name| name.parse().map_or_else(|_| Step::Attr(name.as_str().into()), Step::Index)).collect())
}
