//! Which step waits for which.

use super::*;
use crate::address::Addresses;
use crate::plan::change::Reason;
use crate::value::{Type, Value};

/// `"b replace <- a had c"`: an object, what happens to it, what it depends on (also as recorded in state, unless that
/// is said too).
fn changes(lines: &[&'static str]) -> Vec<Change> {
    let change = |line: &&'static str| {
        let (head, deps) = line.split_once(" <- ").unwrap_or((line, ""));
        let (deps, had) = deps.split_once(" had ").unwrap_or((deps, deps));
        let (name, action) = head.split_once(' ').unwrap_or((head, "no-op"));
        let action = match action {
            "create" => Action::Create,
            "update" => Action::Update,
            "replace" => Action::Replace { create_first: false },
            "replace-cbd" => Action::Replace { create_first: true },
            "delete" => Action::Delete,
            _ => Action::NoOp,
        };
        let blocks =
            |text: &'static str| text.split(", ").filter(|dep| !dep.is_empty()).map(|dep| Resource::managed("t", dep));
        let deps = || blocks(deps);
        let dependencies = match action {
            Action::Delete => Addresses::default(),
            _ => deps().map(|dep| Address::new(dep, None)).collect(),
        };
        Change {
            address: Address::new(Resource::managed("t", name), None),
            deposed: None,
            moved_from: None,
            importing: None,
            provider: crate::plan::provider::Connections::parse("provider[\"p\"]"),
            action,
            reason: Reason::None,
            before: Value::null(Type::Any),
            after: Value::null(Type::Any),
            changed: Vec::new(),
            dependencies,
            recorded: Arc::new(deps().map(Arc::new).collect()),
            had: Arc::new(blocks(had).map(Arc::new).collect()),
            create_before_destroy: false,
            span: None,
        }
    };
    lines.iter().map(change).collect()
}

fn plan(lines: &[&'static str]) -> String {
    deployed(lines, &[])
}

/// With objects that are made in the place of others.
fn in_place(lines: &[&'static str], places: &[(&str, &str)]) -> String {
    let changes = changes(lines);
    let at = |name: &str| changes.iter().position(|change| &*change.address.resource.name == name).expect("a change");
    let pairs: Vec<InTheWay> = places.iter().map(|(made, gone)| InTheWay { made: at(made), gone: at(gone) }).collect();
    let steps = ordered(&changes, &BTreeMap::new(), &Late::new(), &Hidden::default(), &pairs);
    steps.map_or_else(|report| format!("{:?}", report.0), |steps| to_text(&steps)).replace("t.", "")
}

/// With services that are brought out by a deployment, each with what moves its traffic.
fn deployed(lines: &[&'static str], services: &[(&str, &[&str])]) -> String {
    let rollout = |(name, movers): &(&str, &[&str])| {
        let rollout = Rollout {
            service: (*name).to_owned(),
            cluster: String::new(),
            controller: crate::rollout::Controller::CodeDeploy,
            group: crate::rollout::Group { app: "app".into(), ..crate::rollout::Group::default() },
            from: None,
            running: None,
            after: movers.iter().map(|one| format!("t.{one}")).collect(),
            is_partial: false,
        };
        (Address::new(Resource::managed("t", name), None), rollout)
    };
    let steps =
        ordered(&changes(lines), &services.iter().map(rollout).collect(), &Late::new(), &Hidden::default(), &[]);
    steps.map_or_else(|report| format!("{:?}", report.0), |steps| to_text(&steps)).replace("t.", "")
}

#[test]
fn what_uses_a_deployed_service_waits_for_the_deployment_and_what_moves_its_traffic_does_not() {
    let lines = ["d create", "s update <- d", "g update <- s", "n <- s", "u update <- n"];
    let expected = "create d\nupdate g <- create d\ndeploy s <- create d, update g\nupdate u <- deploy s\n";
    assert_eq!(deployed(&lines, &[("s", &["g"])]), expected);
}

#[test]
fn services_whose_groups_depend_on_all_of_them_wait_in_no_circle() {
    let lines = ["a update", "b update", "g update <- a, b", "h update <- a, b", "u update <- b"];
    let steps = deployed(&lines, &[("a", &["g"]), ("b", &["h"])]);
    for line in ["deploy a <- update g\n", "deploy b <- update h\n", "update u <- deploy b\n"] {
        assert!(steps.contains(line), "{steps}");
    }
    // One service after the other.
    let lines = ["a update", "b update <- a", "g update <- a", "h update <- b"];
    let steps = deployed(&lines, &[("a", &["g"]), ("b", &["h"])]);
    assert!(steps.contains("update h <- deploy a"), "{steps}");
}

#[test]
fn makers_follow_what_they_depend_on_also_through_unchanged_ones() {
    assert_eq!(plan(&["a create", "b <- a", "c update <- b"]), "create a\nupdate c <- create a\n");
}

#[test]
fn deletes_go_backwards_and_after_updates_that_let_go() {
    assert_eq!(plan(&["a delete", "b delete <- a"]), "delete b\ndelete a <- delete b\n");
    assert_eq!(plan(&["b update <- a", "a delete"]), "update b\ndelete a <- update b\n");
}

#[test]
fn replacement_deletes_dependents_first_and_makes_them_last() {
    assert_eq!(
        plan(&["a replace", "b replace <- a", "c update <- b"]),
        "delete b\ndelete a <- delete b\ncreate a <- delete a\ncreate b <- create a, delete b\nupdate c <- create b\n"
    );
}

#[test]
fn what_no_longer_refers_to_a_replaced_object_lets_go_first() {
    assert_eq!(plan(&["b update <-  had a", "a replace"]), "update b\ndelete a <- update b\ncreate a <- delete a\n");
    // Turned around: the new one even refers to what lets go of the old one.
    assert_eq!(
        plan(&["b update <-  had a", "a replace <- b had "]),
        "update b\ndelete a <- update b\ncreate a <- update b, delete a\n"
    );
    assert_eq!(
        plan(&["a replace-cbd", "c <- a", "b update <- c had a"]),
        "create a\nupdate b <- create a\ndelete a <- create a, update b\n"
    );
    // Still there through another: the update can only follow.
    assert_eq!(
        plan(&["a replace", "c update <- a", "b update <- c had a, c"]),
        "delete a\ncreate a <- delete a\nupdate c <- create a\nupdate b <- update c\n"
    );
}

#[test]
fn create_first_deletes_when_everybody_has_moved() {
    assert_eq!(
        plan(&["a replace-cbd", "b update <- a"]),
        "create a\nupdate b <- create a\ndelete a <- create a, update b\n"
    );
    assert_eq!(
        plan(&["a replace-cbd", "b replace-cbd <- a"]),
        "create a\ncreate b <- create a\ndelete b <- create b\ndelete a <- create a, delete b, create b\n"
    );
}

#[test]
fn what_is_in_the_way_of_another_waits_for_no_update() {
    let lines = ["new create", "s update <- new had old", "old delete"];
    assert_eq!(plan(&lines), "create new\nupdate s <- create new\ndelete old <- update s\n");
    let expected = "delete old\ncreate new <- delete old\nupdate s <- create new\n";
    assert_eq!(in_place(&lines, &[("new", "old")]), expected);
    // Nor for an old object that stays.
    let expected = "delete old\ncreate new <- delete old\ncreate s <- create new\ndelete s <- create s\n";
    assert_eq!(in_place(&["new create", "s replace-cbd <- new had old", "old delete"], &[("new", "old")]), expected);
}

#[test]
fn an_old_object_that_stays_does_not_keep_what_it_used_from_being_made_anew() {
    assert_eq!(
        plan(&["role replace", "task replace-cbd <- role", "s update <- task"]),
        "delete role\ncreate role <- delete role\ncreate task <- create role\nupdate s <- create task\n\
         delete task <- create task, update s\n"
    );
    // Turned around: nothing keeps it, for what uses the new one has never used the old one.
    assert_eq!(
        plan(&["b replace-cbd <-  had f", "f replace <- b had "]),
        "create b\ndelete b <- create b\ndelete f <- delete b\ncreate f <- create b, delete f\n"
    );
}
