//! The report at the end of a destroy: what was looked for, and what is left.

use super::Globals;
use crate::diagnostic::{Diagnostic, Report, Sources};
use crate::plan::{Action, Plan, known};
use crate::resource::{Deleted, Leftovers, Looked};

/// How many leftovers of a kind are listed.
const LISTED: usize = 20;

/// Who looks, where somebody can.
#[allow(clippy::unnecessary_wraps)] // without AWS nobody
fn looker() -> Option<Box<dyn Leftovers>> {
    #[cfg(all(feature = "ec2", feature = "ecs", feature = "logs", feature = "route53"))]
    return Some(Box::new(crate::aws::leftovers::AwsLeftovers));
    #[cfg(not(all(feature = "ec2", feature = "ecs", feature = "logs", feature = "route53")))]
    None
}

/// Looks for leftovers of what was deleted, and says what was found. It never makes a run fail: everything is deleted.
pub(super) async fn report(plan: &Plan, globals: &Globals) {
    let deleted = plan.changes.iter().filter(|change| change.action == Action::Delete && change.address.is_managed());
    let deleted: Vec<Deleted> = deleted
        .filter_map(|change| {
            let cloud = plan.connections.get(&change.provider)?.clone();
            let (type_name, object) = (change.address.type_name().to_owned(), known(&change.before));
            Some(Deleted { type_name, cloud, object })
        })
        .collect();
    let Some(looker) = looker().filter(|_| !deleted.is_empty()) else { return };
    let looked = looker.look(&deleted).await;
    if looked.is_empty() {
        return;
    }
    let (text, has_news) = text(&looked);
    if !globals.speaks_json.get() {
        globals.shell.line(&format!("\n{text}"));
    } else if has_news {
        let warning = Diagnostic::warning("Left behind", text);
        globals.warn(&Report(vec![warning]), &Sources::default());
    }
}

/// The report, and whether it says more than that nothing is left.
fn text(looked: &[Looked]) -> (String, bool) {
    let kinds: Vec<&str> = looked.iter().map(|one| one.what).collect();
    let mut text = format!("Looked for leftovers: {}.", kinds.join(", "));
    let count: usize = looked.iter().map(|one| one.found.len()).sum();
    let problems: Vec<String> =
        looked.iter().filter_map(|one| Some(format!("{} ({})", one.what, one.problem.as_deref()?))).collect();
    if count == 0 && problems.is_empty() {
        return (format!("{text} Found none."), false);
    }
    if count > 0 {
        text.push_str(" These are left, with the commands that remove them:\n");
    }
    for one in looked {
        for left in one.found.iter().take(LISTED) {
            text = format!("{text}\n  {}\n      {}", left.what, left.command);
        }
        if one.found.len() > LISTED {
            text = format!("{text}\n  and {} more {}", one.found.len() - LISTED, one.what);
        }
    }
    if !problems.is_empty() {
        text = format!("{text}\nNot all of them could be looked for: {}.", problems.join(", "));
    }
    (text, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Left;

    #[test]
    fn a_report_says_what_was_looked_for() {
        let looked = |what, problem: Option<&str>, found| Looked { what, found, problem: problem.map(str::to_owned) };
        let none = [looked("records", None, Vec::new()), looked("log groups", None, Vec::new())];
        assert_eq!(text(&none), ("Looked for leftovers: records, log groups. Found none.".to_owned(), false));
        let group = Left { what: "log group a".to_owned(), command: "aws logs x".to_owned() };
        let some = [looked("log groups", None, vec![group]), looked("records", Some("denied"), Vec::new())];
        assert_eq!(
            text(&some).0,
            "Looked for leftovers: log groups, records. These are left, with the commands that remove them:\n\n  log group a\n      aws logs x\nNot all of them could be looked for: records (denied)."
        );
    }
}
