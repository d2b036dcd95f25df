use std::collections::BTreeSet;

use crate::plan::Change;
use crate::preflight::rule::{Findings, rule};
use crate::preflight::stack::Stack;
use crate::resource::{Contents, Held};
use crate::value::Value;

rule! {
    /// A repository with images, a bucket with objects and a zone with records of others cannot be deleted:
    /// `RepositoryNotEmptyException`, `BucketNotEmpty`, `HostedZoneNotEmpty`. Then the run stops half-way, with everything
    /// else gone.
    ///
    /// Delete what is in it with `-empty`, or apply `force_delete = true` (repository) or `force_destroy = true` (bucket,
    /// zone) before. What goes with it is counted in the plan; of a bucket also older versions and delete markers, which
    /// a look at its objects does not show.
    "K37" "not-empty" "Not empty" check
}

fn check(stack: &Stack<'_>, found: &mut Findings) {
    for change in stack.deletions() {
        let Some(holds) = stack.account.holds(change.address.type_name()) else { continue };
        let Some(mut contents) = stack.account.contents(change) else { continue };
        let own = own_contents(stack, change);
        contents.all.retain(|held| !own.contains(&held.name));
        if contents.all.is_empty() {
            continue;
        }
        let (address, count, some) = (&change.address, contents.counted(), some_of(&contents));
        let is_forced = change.before.get(holds.flag).and_then(Value::as_bool) == Some(true);
        if stack.empties() || is_forced {
            found.warning_of(change, format!("{address} is deleted with {count} that no state knows of{some}."));
        } else {
            let text = format!(
                "{address} is to be deleted and holds {count} that no state knows of{some}; AWS would refuse to delete it. Delete what is in it too with -empty, or set `{} = true` and apply that before.",
                holds.flag
            );
            found.error_of(change, text);
        }
    }
}

/// The first of them, in brackets, where they have names.
fn some_of(contents: &Contents) -> String {
    let mut named: Vec<&str> = contents.all.iter().map(|held: &Held| held.name.as_str()).collect();
    named.retain(|name| !name.is_empty());
    named.dedup();
    match named.as_slice() {
        [first @ .., last] if first.len() < 3 => {
            let all: Vec<&str> = first.iter().chain([last]).copied().collect();
            format!(" ({})", all.join(", "))
        }
        [a, b, c, rest @ ..] => format!(" ({a}, {b}, {c} and {} more)", rest.len()),
        _ => String::new(),
    }
}

/// Names of what is deleted before the object that holds it, since the stack has it too.
fn own_contents(stack: &Stack<'_>, holder: &Change) -> BTreeSet<String> {
    let text = |change: &Change, name: &str| change.before.get(name).and_then(Value::as_str).map(str::to_owned);
    let deleted = |kind: &'static str| stack.deletions().filter(move |one| one.address.type_name() == kind);
    match holder.address.type_name() {
        "aws_route53_zone" => {
            let id = text(holder, "zone_id");
            let own = deleted("aws_route53_record").filter(|one| text(one, "zone_id") == id);
            own.filter_map(|one| Some(format!("{} {}", text(one, "fqdn")?, text(one, "type")?))).collect()
        }
        "aws_s3_bucket" => {
            let name = text(holder, "bucket");
            deleted("aws_s3_object").filter(|one| text(one, "bucket") == name).filter_map(|one| text(one, "key")).collect()
        }
        _ => BTreeSet::new(),
    }
}
