use std::collections::BTreeSet;

use crate::plan::Change;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::Stack;
use crate::value::Value;

rule! {
    /// A repository with images and a zone with records of others cannot be deleted: `RepositoryNotEmptyException`,
    /// `HostedZoneNotEmpty`. Then the run stops half-way, with everything else gone.
    ///
    /// Delete what is in it with `-empty`, or apply `force_delete = true` (repository) or `force_destroy = true` (zone)
    /// before. What goes with it is counted in the plan.
    "K37" "not-empty" "Not empty" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for change in stack.deletions() {
        let Some(holds) = stack.account.holds(change.address.type_name()) else { continue };
        let Some(mut contents) = stack.account.contents(change) else { continue };
        if change.address.type_name() == "aws_route53_zone" {
            let own = records_of(stack, change);
            contents.retain(|record| !own.contains(record));
        }
        if contents.is_empty() {
            continue;
        }
        let (address, count) = (&change.address, holds.counted(contents.len()));
        let is_forced = change.before.get(holds.flag).and_then(Value::as_bool) == Some(true);
        if stack.empties || is_forced {
            found.warning_of(change, format!("{address} is deleted with {count} that no state knows of{}.", some_of(&contents)));
        } else {
            let text = format!(
                "{address} is to be deleted and holds {count} that no state knows of{}; AWS would refuse to delete it. Delete what is in it too with -empty, or set `{} = true` and apply that before.",
                some_of(&contents),
                holds.flag
            );
            found.error_of(change, text);
        }
    }
}

/// The first of them, in brackets; digests say nothing to anybody.
fn some_of(contents: &[String]) -> String {
    let named: Vec<&str> = contents.iter().map(String::as_str).filter(|name| !name.starts_with("sha256:")).collect();
    match named.as_slice() {
        [first @ .., last] if first.len() < 3 => {
            let all: Vec<&str> = first.iter().chain([last]).copied().collect();
            format!(" ({})", all.join(", "))
        }
        [a, b, c, rest @ ..] => format!(" ({a}, {b}, {c} and {} more)", rest.len()),
        _ => String::new(),
    }
}

/// Records of the stack that are deleted before their zone.
fn records_of(stack: &Stack<'_>, zone: &Change) -> BTreeSet<String> {
    let text = |change: &Change, name: &str| change.before.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = text(zone, "zone_id");
    let records = stack.deletions().filter(|one| one.address.type_name() == "aws_route53_record");
    let own = records.filter(|one| text(one, "zone_id") == id);
    own.filter_map(|one| Some(format!("{} {}", text(one, "fqdn")?, text(one, "type")?))).collect()
}
