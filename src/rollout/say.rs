//! What is governed, in words.

use super::govern::Governed;
use super::observed::{TaskSet, revision, target_group_name};
use super::order::Rollout;
use super::watch::percent;

/// `web: green 100 %, revision 13, by CodeDeploy d-ABC`: one service in a line.
pub fn service(governed: &Governed) -> String {
    let mut parts = Vec::new();
    let traffic = traffic(governed);
    parts.extend((!traffic.is_empty()).then_some(traffic));
    let primary = primary(governed);
    let running = primary.map(|set| set.task_definition.as_str()).or(governed.task_definition.as_deref());
    parts.extend(running.map(|name| match revision(name) {
        (_, Some(number)) => format!("revision {number}"),
        (family, None) => family.to_owned(),
    }));
    parts.extend(
        primary
            .filter(|set| set.running < set.desired)
            .map(|set| format!("{} of {} tasks running", set.running, set.desired)),
    );
    let made_by = primary.and_then(|set| set.deployment.as_deref()).map(|id| format!(" {id}")).unwrap_or_default();
    parts.push(format!("by {}{made_by}", governed.controller.name()));
    let deployment = governed.observed.as_ref().and_then(|observed| observed.running.as_ref());
    parts.extend(deployment.map(|one| format!("deployment {} under way ({})", one.name(), one.status)));
    format!("{}: {}", governed.name, parts.join(", "))
}

/// The set of tasks with the users' traffic.
fn primary(governed: &Governed) -> Option<&TaskSet> {
    governed.observed.as_ref()?.task_sets.iter().find(|set| set.status == "PRIMARY")
}

/// `green 90 %, blue 10 %`: where the users' requests go, most first.
pub fn traffic(governed: &Governed) -> String {
    let sum: i64 = governed.weights.iter().map(|(_, weight)| weight).sum();
    if sum == 0 {
        return String::new();
    }
    let mut all: Vec<&(String, i64)> = governed.weights.iter().filter(|(_, weight)| *weight > 0).collect();
    all.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    #[allow(clippy::cast_precision_loss)] // at most 999 each
    let part = |(name, weight): &(String, i64)| {
        format!("{} {} %", short(name, &governed.pair), percent(*weight as f64 * 100.0 / sum as f64))
    };
    all.into_iter().map(part).collect::<Vec<_>>().join(", ")
}

/// The name of a target group without what both of the pair begin with: `green` of `web-green`.
pub fn short<'a>(name: &'a str, pair: &[String]) -> &'a str {
    let name = target_group_name(name);
    let [one, other] = pair else { return name };
    let shared = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let cut = one.get(..shared).and_then(|shared| shared.rfind('-')).map_or(0, |at| at + 1);
    name.get(cut..).filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// What will be deployed: `web: revision 12 -> 13 through CodeDeploy web/web (…)`; `to` is the planned revision.
pub fn rollout(rollout: &Rollout, to: Option<&str>) -> String {
    let number = |name: &str| match revision(name) {
        (_, Some(number)) => number.to_string(),
        (family, None) => format!("the newest of {family}"),
    };
    let from = rollout.from.as_deref();
    let what = match (from.map(number), to) {
        (Some(from), Some(to)) if from == number(to) => format!("revision {from} again, with other settings,"),
        (Some(from), Some(to)) => format!("revision {from} -> {}", number(to)),
        (Some(from), None) => format!("revision {from} -> (known after apply)"),
        (None, Some(to)) => format!("revision {}", number(to)),
        (None, None) => "a new revision".to_owned(),
    };
    let group = &rollout.group;
    if group.app.is_empty() {
        return format!("{}: {what} through {}, {}", rollout.service, rollout.controller.name(), group.config);
    }
    format!(
        "{}: {what} through {} {}/{}, {}",
        rollout.service,
        rollout.controller.name(),
        group.app,
        group.name,
        group.config
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::observed::{Controller, Observed};

    #[test]
    fn a_service_in_a_line() {
        let mut governed = Governed {
            name: "web".into(),
            controller: Controller::CodeDeploy,
            pair: vec!["web-blue".into(), "web-green".into()],
            task_definition: Some("arn:aws:ecs:eu-west-1:1:task-definition/web:13".into()),
            weights: vec![("web-green".into(), 100), ("web-blue".into(), 0)],
            ..Governed::default()
        };
        assert_eq!(service(&governed), "web: green 100 %, revision 13, by CodeDeploy");
        let set = TaskSet {
            status: "PRIMARY".into(),
            task_definition: "web:13".into(),
            deployment: Some("d-ABC".into()),
            ..TaskSet::default()
        };
        governed.observed = Some(Observed { task_sets: vec![set], ..Observed::default() });
        governed.weights = vec![("web-green".into(), 10), ("web-blue".into(), 90)];
        assert_eq!(service(&governed), "web: blue 90 %, green 10 %, revision 13, by CodeDeploy d-ABC");
    }

    #[test]
    fn names_lose_what_both_begin_with() {
        let pair = |one: &str, other: &str| vec![one.to_owned(), other.to_owned()];
        assert_eq!(short("web-green", &pair("web-blue", "web-green")), "green");
        assert_eq!(short("tg1", &pair("tg1", "tg2")), "tg1");
        assert_eq!(short("a", &[]), "a");
    }
}
