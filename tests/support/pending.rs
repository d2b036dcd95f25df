//! Cases that do not pass yet, each with the reason. They are run all the same, and what they say is printed; they fail
//! the test only with `GLAZ_PENDING=fail`. The list is to become empty.

/// Type, start of the case's name, reason.
const PENDING: &[(&str, &str, &str)] = &[];

/// Why the case need not pass yet.
pub fn reason(type_name: &str, case: &str) -> Option<&'static str> {
    let is_strict = std::env::var("GLAZ_PENDING").is_ok_and(|value| value == "fail");
    let found = PENDING.iter().find(|(name, start, _)| *name == type_name && case.starts_with(start));
    found.filter(|_| !is_strict).map(|(_, _, why)| *why)
}
