//! Tests of what goes over to ECS, and of what is in the way.

use super::*;
use crate::rollout::Governed;
use crate::rollout::observed::{Controller, Group, Observed, Running, TaskSet};
use crate::rollout::pace::{Pace, Shift};
use crate::value::Value;

const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/web/1/2";

fn group_arn(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/{name}/1")
}

fn governed(shift: Shift, termination_minutes: u32) -> Governed {
    let set = TaskSet { status: "PRIMARY".into(), target_group: Some(group_arn("green")), ..TaskSet::default() };
    Governed {
        name: "web".into(),
        cluster: "main".into(),
        controller: Controller::CodeDeploy,
        group: Some(Group {
            name: "prod".into(),
            pair: vec!["blue".into(), "green".into()],
            production: vec![LISTENER.into()],
            pace: Pace { shift: Some(shift), ready_minutes: 0, termination_minutes },
            ..Group::default()
        }),
        observed: Some(Observed { task_sets: vec![set], ..Observed::default() }),
        ..Governed::default()
    }
}

fn rule(priority: Option<i32>, forwards: &[(&str, i32)]) -> Rule {
    Rule {
        arn: format!("{}/{}", LISTENER.replace(":listener/", ":listener-rule/"), priority.unwrap_or_default()),
        listener: LISTENER.into(),
        priority,
        forwards: forwards.iter().map(|(name, weight)| (group_arn(name), *weight)).collect(),
        ..Rule::default()
    }
}

fn facts(rules: Vec<Rule>) -> Facts {
    let groups = ["blue", "green"].map(|name| (name.to_owned(), group_arn(name))).to_vec();
    Facts { balancer: "application".into(), groups, rules, alarms: None }
}

fn service() -> Value {
    Value::object([("arn".into(), "arn:aws:ecs:eu-west-1:12:service/main/web".into())].into_iter().collect())
}

fn decided(governed: &Governed, facts: &Facts) -> Result<Settings, Vec<&'static str>> {
    let result = settings(governed, &service(), facts, &[], None);
    result.map_err(|all| all.into_iter().map(|one| one.summary).collect())
}

#[test]
fn the_live_target_group_goes_first_and_times_stay() {
    let governed = governed(Shift::Canary { percent: 10, minutes: 5 }, 2880);
    let found = decided(&governed, &facts(vec![rule(None, &[("green", 100), ("blue", 0)])])).unwrap();
    assert_eq!((found.live, found.idle), (group_arn("green"), group_arn("blue")));
    assert_eq!(found.shift, Shift::Canary { percent: 10, minutes: 5 });
    assert_eq!(found.bake_minutes, 1440);
    assert_eq!(found.notes, ["2880 min become 1440 min, the longest that ECS waits"]);
    assert_eq!(found.production, Way::New { listener: LISTENER.into(), priority: 100 });
}

#[test]
fn one_rule_is_used_and_several_are_in_the_way() {
    let governed = governed(Shift::AllAtOnce, 5);
    let own = rule(Some(10), &[("green", 1)]);
    let found = decided(&governed, &facts(vec![own.clone(), rule(None, &[])])).unwrap();
    assert_eq!(found.production, Way::Rule { arn: own.arn.clone(), is_single: true });
    let default = rule(None, &[("green", 1)]);
    let both = facts(vec![own.clone(), default.clone()]);
    assert_eq!(decided(&governed, &both).unwrap_err(), ["Several rules lead to the target groups"]);
    let for_all = Rule { fits_all: true, forwards: rule(None, &[("green", 100), ("blue", 0)]).forwards, ..own };
    let found = decided(&governed, &facts(vec![for_all.clone(), default])).unwrap();
    assert_eq!(found.production, Way::Rule { arn: for_all.arn, is_single: false });
    assert_eq!(decided(&governed, &facts(vec![rule(None, &[])])).unwrap_err(), ["No rule leads to the target groups"]);
    let more = Rule { does_more: true, ..rule(Some(1), &[("green", 1)]) };
    assert_eq!(decided(&governed, &facts(vec![more])).unwrap_err(), ["A rule that does more than forward"]);
}

#[test]
fn a_network_load_balancer_has_no_rules() {
    let listener = Rule { arn: LISTENER.into(), ..rule(None, &[("green", 1)]) };
    let network = Facts { balancer: "network".into(), ..facts(vec![listener]) };
    let found = decided(&governed(Shift::AllAtOnce, 5), &network).unwrap();
    assert_eq!(found.production, Way::Listener { arn: LISTENER.into(), is_single: true });
    assert_eq!(found.notes.len(), 1, "that it takes longer");
}

#[test]
fn what_is_under_way_is_in_the_way() {
    let mut busy = governed(Shift::AllAtOnce, 5);
    if let Some(observed) = &mut busy.observed {
        observed.running = Some(Running { id: "d-1".into(), status: "InProgress".into(), ..Running::default() });
    }
    let whole = facts(vec![rule(None, &[("green", 100)])]);
    assert_eq!(decided(&busy, &whole).unwrap_err(), ["A deployment is under way"]);
    let mut left = governed(Shift::AllAtOnce, 5);
    if let Some(observed) = &mut left.observed {
        observed.task_sets.push(TaskSet { status: "ACTIVE".into(), ..TaskSet::default() });
    }
    assert_eq!(decided(&left, &whole).unwrap_err(), ["Not one task set"]);
    let divided = facts(vec![rule(None, &[("green", 90), ("blue", 10)])]);
    assert_eq!(decided(&governed(Shift::AllAtOnce, 5), &divided).unwrap_err(), ["The traffic is divided"]);
    let gateway = Facts { balancer: "gateway".into(), ..whole.clone() };
    let refused = decided(&governed(Shift::AllAtOnce, 5), &gateway).unwrap_err();
    assert_eq!(refused, ["Not a load balancer that ECS moves traffic of"]);
    let none = Facts { groups: Vec::new(), ..whole };
    assert_eq!(decided(&governed(Shift::AllAtOnce, 5), &none).unwrap_err(), ["Not a pair of target groups"]);
}

#[test]
fn functions_need_a_word() {
    let governed = governed(Shift::Linear { percent: 2, minutes: 1 }, 0);
    let facts = facts(vec![rule(None, &[("green", 1)])]);
    let spec = [serde_json::json!({ "BeforeAllowTraffic": "check" }), serde_json::json!({ "AfterInstall": "check" })];
    let refused = settings(&governed, &service(), &facts, &spec, None).unwrap_err();
    assert_eq!(refused[0].summary, "Functions are called on the way");
    let kept = settings(&governed, &service(), &facts, &spec, Some(HookChoice::Keep)).unwrap();
    assert_eq!(kept.hooks.len(), 1);
    assert_eq!(kept.hooks[0].function, "arn:aws:lambda:eu-west-1:12:function:check");
    assert_eq!(kept.hooks[0].stages, ["POST_TEST_TRAFFIC_SHIFT", "POST_SCALE_UP"]);
    assert_eq!(kept.shift, Shift::Linear { percent: 3, minutes: 1 });
    let dropped = settings(&governed, &service(), &facts, &spec, Some(HookChoice::Drop)).unwrap();
    assert!(dropped.hooks.is_empty());
}
