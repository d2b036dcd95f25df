use serde_json::json;

use super::*;
use crate::rollout::take::Takes;

fn containers() -> Field {
    Field(vec![CONTAINERS.to_owned()])
}

fn merged(base: &Json, ours: &Json, theirs: &Json, takes: &[&str]) -> (Json, Vec<String>, Vec<String>) {
    let said = takes.iter().map(|text| text.parse().expect("a decision")).collect();
    let decided = Takes { said, asks: false }.of(&"aws_ecs_task_definition.web".parse().expect("an address"));
    let mut found = Findings::default();
    let sides = [Some(base), Some(ours), Some(theirs)];
    let value = merge(&containers(), sides, &decided, &mut found).unwrap_or_default();
    let kept = found.kept.iter().map(|one| one.field.words()).collect();
    (value, kept, found.conflicts.iter().map(|one| one.field.flag()).collect())
}

fn web(image: &str, cpu: u32) -> Json {
    json!([{ "name": "web", "image": image, "cpu": cpu }])
}

#[test]
fn what_nobody_changed_stays() {
    let same = web("v1", 1);
    assert_eq!(merged(&same, &same, &same, &[]), (same.clone(), vec![], vec![]));
}

#[test]
fn what_the_stack_file_alone_changed_wins() {
    assert_eq!(merged(&web("v1", 1), &web("v2", 1), &web("v1", 1), &[]), (web("v2", 1), vec![], vec![]));
}

#[test]
fn what_the_pipeline_alone_changed_is_kept() {
    let (value, kept, conflicts) = merged(&web("v1", 1), &web("v1", 1), &web("v7", 1), &[]);
    assert_eq!((value, conflicts), (web("v7", 1), vec![]));
    assert_eq!(kept, ["image of container web"]);
}

#[test]
fn both_changes_come_together_when_they_touch_different_fields() {
    let (value, kept, conflicts) = merged(&web("v1", 1), &web("v1", 2), &web("v7", 1), &[]);
    assert_eq!((value, conflicts.len()), (web("v7", 2), 0));
    assert_eq!(kept, ["image of container web"]);
}

#[test]
fn both_to_the_same_is_no_conflict() {
    assert_eq!(merged(&web("v1", 1), &web("v7", 1), &web("v7", 1), &[]), (web("v7", 1), vec![], vec![]));
}

#[test]
fn both_to_different_things_is_a_conflict_until_it_is_decided() {
    let (base, ours, theirs) = (web("v1", 1), web("v2", 1), web("v7", 1));
    assert_eq!(merged(&base, &ours, &theirs, &[]), (web("v2", 1), vec![], vec!["web.image".to_owned()]));
    assert_eq!(merged(&base, &ours, &theirs, &["stack"]), (web("v2", 1), vec![], vec![]));
    let live = (web("v7", 1), vec!["image of container web".to_owned()], vec![]);
    assert_eq!(merged(&base, &ours, &theirs, &["live"]), live);
    assert_eq!(merged(&base, &ours, &theirs, &["stack", "web.image=live"]), live);
    assert_eq!(merged(&base, &ours, &theirs, &["web.cpu=live"]).2, ["web.image"]);
}

#[test]
fn containers_and_variables_go_by_name_whatever_their_order() {
    let one = |environment: &Json, more: &[Json]| {
        let mut all = vec![json!({ "name": "web", "environment": environment })];
        all.extend(more.iter().cloned());
        Json::Array(all)
    };
    let pair = |name: &str, value: &str| json!({ "name": name, "value": value });
    let base = one(&json!([pair("A", "1"), pair("B", "1")]), &[]);
    let ours = one(&json!([pair("B", "2"), pair("A", "1")]), &[]);
    let sidecar = json!({ "name": "log", "image": "log:1" });
    let theirs = one(&json!([pair("C", "9"), pair("A", "3"), pair("B", "1")]), std::slice::from_ref(&sidecar));
    let (value, kept, conflicts) = merged(&base, &ours, &theirs, &[]);
    assert_eq!(value, one(&json!([pair("B", "2"), pair("A", "3"), pair("C", "9")]), &[sidecar]));
    assert_eq!(
        kept,
        ["environment variable A of container web", "environment variable C of container web", "container log"]
    );
    assert!(conflicts.is_empty());
}

#[test]
fn what_was_taken_away_stays_away_unless_the_other_changed_it() {
    let both = json!([{ "name": "web", "image": "v1" }, { "name": "log", "image": "log:1" }]);
    let one = json!([{ "name": "web", "image": "v1" }]);
    let changed = json!([{ "name": "web", "image": "v1" }, { "name": "log", "image": "log:2" }]);
    assert_eq!(merged(&both, &both, &one, &[]), (one.clone(), vec!["container log".to_owned()], vec![]));
    assert_eq!(merged(&both, &one, &both, &[]), (one.clone(), vec![], vec![]));
    assert_eq!(merged(&both, &changed, &one, &[]).2, ["log"]);
    assert_eq!(merged(&both, &one, &changed, &["log=live"]).0, changed);
}

#[test]
fn nested_objects_go_by_member_and_other_lists_as_a_whole() {
    let one = |group: &str, prefix: &str, command: &[&str]| {
        let options = json!({ "awslogs-group": group, "awslogs-stream-prefix": prefix });
        json!([{ "name": "web", "logConfiguration": { "options": options }, "command": command }])
    };
    let (value, kept, conflicts) =
        merged(&one("g", "p", &["a"]), &one("g2", "p", &["a", "b"]), &one("g", "p2", &["c"]), &[]);
    assert_eq!(value, one("g2", "p2", &["a", "b"]));
    assert_eq!(kept, ["logConfiguration.options.awslogs-stream-prefix of container web"]);
    assert_eq!(conflicts, ["web.command"]);
}

#[test]
fn a_list_without_names_is_one_field() {
    let (base, ours) = (json!([{ "image": "v1" }]), json!([{ "image": "v2" }]));
    assert_eq!(merged(&base, &base, &ours, &[]).0, ours);
}
