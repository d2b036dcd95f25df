//! Checks that the plugin framework's validators make, with their headlines.

use crate::resource::{Draft, Problems};

const COMBINATION: &str = "Invalid Attribute Combination";

/// Exactly one of these must be given; not judged while one of them is known only after apply.
pub(super) fn exactly_one(want: &Draft, names: &[&str], found: &mut Problems) {
    let said = |name: &&str| want.config().get(name).is_some_and(|value| !value.is_null());
    if names.iter().any(|name| want.config().get(name).is_some_and(|value| !value.is_known())) {
        return;
    }
    let list = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let given: Vec<&&str> = names.iter().filter(|name| said(name)).collect();
    match given.as_slice() {
        [] => found.titled(COMBINATION, "", format!("None of {} is given. Give exactly one of them.", list())),
        [_] => {}
        [.., last] => {
            found.titled(COMBINATION, last, format!("Only one of {} can be given. Remove the others.", list()));
        }
    }
}

/// At least one of these must be given.
pub(super) fn at_least_one(want: &Draft, names: &[&str], found: &mut Problems) {
    if !names.iter().any(|name| want.is_said(name)) {
        let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        found.titled("Missing Attribute Configuration", "", format!("At least one of {list} must be given."));
    }
}

/// None of the others may be given beside it.
pub(super) fn conflicts(want: &Draft, name: &str, others: &[&str], found: &mut Problems) {
    if want.is_said(name) {
        for other in others.iter().filter(|other| want.is_said(other)) {
            found.titled(COMBINATION, name, format!("`{name}` cannot be given beside `{other}`. Remove one of them."));
        }
    }
}

/// The other must be given beside it.
pub(super) fn also_requires(want: &Draft, name: &str, other: &str, found: &mut Problems) {
    if want.is_said(name) && !want.is_said(other) {
        found.titled(COMBINATION, name, format!("`{name}` needs `{other}` beside it."));
    }
}
