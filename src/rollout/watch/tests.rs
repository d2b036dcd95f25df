//! Tests of watching a deployment.

use super::*;

fn look(status: Status, events: &[(&str, &str)]) -> Look {
    let event = |(name, status): &(&str, &str)| Event { name: (*name).into(), status: (*status).into(), why: None };
    Look { id: "d-1".into(), status, events: events.iter().map(event).collect(), ..Look::default() }
}

fn share_of(label: &str, group: &str, weight: f64) -> Share {
    Share { label: label.into(), target_group: group.into(), weight, desired: 2, running: 2 }
}

#[test]
fn each_point_is_reached_in_its_time() {
    let at = |point: &str, look: &Look| Watch::new(point.parse().expect("a point")).see(look).1;
    let created = look(Status::Created, &[]);
    assert_eq!(at("started", &created), Verdict::Reached);
    assert_eq!(at("traffic", &created), Verdict::Going);
    let installed = look(Status::InProgress, &[("Install", "Succeeded"), ("AllowTraffic", "InProgress")]);
    assert_eq!(at("install", &installed), Verdict::Reached);
    assert_eq!(at("AllowTraffic", &installed), Verdict::Going);
    assert_eq!(at("traffic", &installed), Verdict::Going);
    let moved = look(Status::InProgress, &[("AllowTraffic", "Succeeded"), ("AfterAllowTraffic", "Skipped")]);
    assert_eq!(at("traffic", &moved), Verdict::Reached);
    assert_eq!(at("finished", &moved), Verdict::Going);
    let ending = Look { is_ending: true, ..look(Status::InProgress, &[]) };
    assert_eq!(at("traffic", &ending), Verdict::Reached);
    assert_eq!(at("finished", &look(Status::Succeeded, &[])), Verdict::Reached);
    assert!("never".parse::<Point>().is_err());
}

#[test]
fn a_failure_says_why() {
    let failed = Look {
        error: Some(("HOOK_EXECUTION_FAILURE".into(), "A hook failed.".into())),
        hints: vec!["10.0.1.7 is unhealthy: Health checks failed with these codes: [502]".into()],
        ..look(Status::Failed, &[("Install", "Succeeded"), ("BeforeAllowTraffic", "Failed")])
    };
    let Verdict::Failed(why) = Watch::new(Point::Started).see(&failed).1 else { panic!("it failed") };
    assert_eq!(
        why,
        "Deployment d-1 failed: A hook failed (HOOK_EXECUTION_FAILURE). BeforeAllowTraffic failed. 10.0.1.7 is unhealthy: Health checks failed with these codes: [502]."
    );
    let stopped = Watch::new(Point::Traffic).see(&look(Status::Stopped, &[])).1;
    assert_eq!(stopped, Verdict::Failed("Deployment d-1 was stopped.".into()));
}

#[test]
fn only_news_is_told() {
    let mut watch = Watch::new(Point::Traffic);
    let first = look(Status::InProgress, &[("BeforeInstall", "Skipped"), ("Install", "InProgress")]);
    assert_eq!(watch.see(&first).0, ["d-1: Install begins"]);
    assert!(watch.see(&first).0.is_empty());
    let shares = vec![share_of("Blue", "web-blue", 90.0), share_of("Green", "web-green", 10.0)];
    let next = Look { shares, ..look(Status::InProgress, &[("Install", "Succeeded"), ("AllowTraffic", "InProgress")]) };
    assert_eq!(
        watch.see(&next).0,
        ["d-1: Install done", "d-1: AllowTraffic begins", "d-1: traffic web-blue 90 %, web-green 10 %"]
    );
    assert_eq!(next.progress("web"), "AllowTraffic, traffic web-blue 90 % web-green 10 %");
}

#[test]
fn tasks_are_told_when_they_change_and_failures_once() {
    let mut watch = Watch::new(Point::Finished);
    let tasks = Tasks { desired: 2, pending: 2, old: 2, ..Tasks::default() };
    let first = Look { tasks: Some(tasks), ..look(Status::InProgress, &[]) };
    assert_eq!(watch.see(&first), (vec!["d-1: 0 of 2 new tasks running, 2 pending, 2 old".to_owned()], Verdict::Going));
    assert_eq!(watch.see(&first), (Vec::new(), Verdict::Going));
    let hints = vec!["A task stopped: no image".to_owned()];
    let failing = Look { tasks: Some(Tasks { failed: 1, ..tasks }), hints, ..first.clone() };
    let (lines, verdict) = watch.see(&failing);
    let expected = ["d-1: 0 of 2 new tasks running, 2 pending, 1 failed, 2 old", "d-1: A task stopped: no image"];
    assert_eq!((lines.iter().map(String::as_str).collect::<Vec<_>>(), verdict), (expected.to_vec(), Verdict::Going));
    let again = Look { tasks: Some(Tasks { failed: 2, ..tasks }), ..failing.clone() };
    assert_eq!(watch.see(&again).0, ["d-1: 0 of 2 new tasks running, 2 pending, 2 failed, 2 old"]);
    let stuck = Look { stuck: Some("3 new tasks failed".into()), ..again };
    let expected = "Deployment d-1 does not come to an end: 3 new tasks failed. A task stopped: no image.";
    assert_eq!(watch.see(&stuck).1, Verdict::Failed(expected.to_owned()));
}

#[test]
fn new_tasks_are_counted_until_all_of_them_run() {
    let mut watch = Watch::new(Point::Finished);
    let with = |running: i64| Look {
        shares: vec![Share { running, ..share_of("Green", "web-green", 0.0) }],
        ..look(Status::InProgress, &[])
    };
    assert_eq!(watch.see(&with(0)).0, ["d-1: 0 of 2 new tasks running"]);
    assert!(watch.see(&with(0)).0.is_empty());
    assert_eq!(watch.see(&with(2)).0, ["d-1: 2 of 2 new tasks running"]);
    assert!(Watch::new(Point::Finished).see(&with(2)).0.is_empty(), "nobody waited for them");
}
