//! The crash matrix: create, update, replace and destroy of `examples/bluegreen`, killed at every call and at every
//! line of the journal, with the state in a file and in a bucket. The next run goes on: no orphan, no duplicate, an empty
//! plan, and nothing left in the end. Each point starts from a snapshot of the account and of the folder.
//!
//! `cargo test` tries a sample (`GLAZ_CRASH_SEED` gives another one, `GLAZ_CRASH` another size); `GLAZ_CRASH=all` tries
//! every point. `make test-crash` does that, and tries 25 first kills of each kind in [`twice`].

mod points;
mod rig;
mod twice;

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use points::{Point, points, sample};
use rig::{Content, Place, Rig};

use crate::support::stack::stack;

/// The other values that an update in place is about.
const UPDATE: &[&str] = &[
    "-var=log_retention_days=14",
    "-var=health_check_path=/well",
    "-var=container_insights=true",
    "-var=termination_wait_minutes=7",
];
/// The other values that replacements are about.
const REPLACE: &[&str] = &["-var=domain_name=other.test"];
/// Objects that are replaced although nothing forces it: one that is made before the old one goes, and one after.
const REPLACED: &[&str] = &[
    "-replace=module.service.aws_security_group.load_balancer",
    "-replace=module.service.aws_nat_gateway.this[\"eu-west-3a\"]",
];

fn example(place: Place) -> Rig {
    let stack = stack().aws().copy("examples/bluegreen").copy("stacks/bluegreen").inside("examples/bluegreen");
    Rig::new(stack, place)
}

/// Chooses what to try, and says how much that is.
fn chosen(name: &str, rig: &Rig, course: &points::Course, count: usize) -> Vec<Point> {
    let (all, mut distinct) = points(course);
    distinct.retain(|point| rig.can_try(point));
    let different = distinct.len();
    let wanted = std::env::var("GLAZ_CRASH").unwrap_or_default();
    let count = if wanted == "all" { different } else { wanted.parse().unwrap_or(count) };
    let chosen = sample(distinct, count, seed());
    let text = format!(
        "crash matrix, {name}: {} calls and {} lines of the journal give {all} points, which leave {different} different states; {} of these are tried\n",
        course.calls.len(),
        course.lines,
        chosen.len()
    );
    tell(&text);
    chosen
}

fn seed() -> u64 {
    std::env::var("GLAZ_CRASH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// Around the capture of test output: it is wanted from runs that succeed, too.
fn tell(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// The next apply goes on from where the killed one was.
#[track_caller]
fn goes_on(rig: &Rig, values: &[&str], expected: &Content, point: &Point) {
    let apply = rig.stack.run(&[&["apply", "-auto-approve"], values].concat());
    assert!(apply.code == Some(0), "{point}: the next apply fails:\n{}", apply.raw());
    let plan = rig.stack.run(&[&["plan", "-detailed-exitcode"], values].concat());
    assert!(plan.code == Some(0), "{point}: the plan is not empty:\n{}\nafter\n{}", plan.raw(), apply.raw());
    let content = rig.content();
    assert!(content == *expected, "{point}: {}\nafter\n{}", differences(&content, expected), apply.raw());
    rig.assert_over(point);
}

/// The next destroy goes on from where the killed run was.
#[track_caller]
fn goes_away(rig: &Rig, point: &Point) {
    let destroy = rig.stack.run(&["destroy", "-auto-approve"]);
    assert!(destroy.code == Some(0), "{point}: the next destroy fails:\n{}", destroy.raw());
    let content = rig.content();
    assert!(content.is_empty(), "{point}: left in the account: {content:?}\nafter\n{}", destroy.raw());
    assert_eq!(rig.objects(), 0, "{point}: left in the state");
    rig.assert_over(point);
}

fn differences(content: &Content, expected: &Content) -> String {
    let kinds: std::collections::BTreeSet<&String> = content.keys().chain(expected.keys()).collect();
    let lines = kinds.into_iter().filter(|kind| content.get(*kind) != expected.get(*kind)).map(|kind| {
        let count = |of: &Content| of.get(kind).copied().unwrap_or_default();
        format!("{kind}: {} instead of {}", count(content), count(expected))
    });
    lines.collect::<Vec<_>>().join(", ")
}

/// So many points between two lines that tell how far it is.
const STRIDE: usize = 20;

/// Tries each point from the start of the rig, the next one also after a failure.
fn try_all(name: &str, rig: &Rig, points: &[Point], attempt: impl Fn(usize, &Point)) {
    let mut failed = Vec::new();
    for (at, point) in points.iter().enumerate() {
        rig.go_back();
        if catch_unwind(AssertUnwindSafe(|| attempt(at, point))).is_err() {
            failed.push(format!("\n  {point}"));
        }
        if (at + 1) % STRIDE == 0 {
            tell(&format!("crash matrix, {name}: {} of {} tried, {} fail\n", at + 1, points.len(), failed.len()));
        }
    }
    assert!(failed.is_empty(), "{name}: {} of {} points fail:{}", failed.len(), points.len(), failed.concat());
}

#[test]
fn create() {
    made("create", Place::File, 3);
}

#[test]
fn create_with_the_state_in_a_bucket() {
    made("create with the state in a bucket", Place::Bucket, 2);
}

#[test]
fn destroy() {
    gone("destroy", Place::File, 2);
}

#[test]
fn destroy_with_the_state_in_a_bucket() {
    gone("destroy with the state in a bucket", Place::Bucket, 2);
}

#[test]
fn update() {
    changed("update", Place::File, UPDATE, &[], 2);
}

#[test]
fn update_with_the_state_in_a_bucket() {
    changed("update with the state in a bucket", Place::Bucket, UPDATE, &[], 2);
}

#[test]
fn replace() {
    changed("replace", Place::File, REPLACE, REPLACED, 2);
}

#[test]
fn replace_with_the_state_in_a_bucket() {
    changed("replace with the state in a bucket", Place::Bucket, REPLACE, REPLACED, 2);
}

/// The start of an apply that makes everything: what it does undisturbed, and what the account holds after it.
#[track_caller]
fn nothing_there(place: Place) -> (Rig, points::Course, Content) {
    let mut rig = example(place);
    let course = rig.course(&["apply"]);
    let expected = rig.content();
    // Empty again, not new: what the emulator does once at the first call of a service is done.
    rig.run(&["destroy"]);
    rig.forget_state();
    rig.keep();
    (rig, course, expected)
}

/// The start of what changes or destroys what was made.
#[track_caller]
fn all_there(place: Place) -> Rig {
    let mut rig = example(place);
    rig.run(&["apply"]);
    rig.keep();
    rig
}

/// Makes everything.
#[track_caller]
fn made(name: &str, place: Place, count: usize) {
    let (rig, course, expected) = nothing_there(place);
    try_all(name, &rig, &chosen(name, &rig, &course, count), |at, point| {
        rig.crash(&["apply"], &course, point);
        // Sometimes the next run does not want it any more.
        if at % 3 < 2 {
            goes_on(&rig, &[], &expected, point);
        }
        goes_away(&rig, point);
    });
}

/// Destroys everything.
#[track_caller]
fn gone(name: &str, place: Place, count: usize) {
    let rig = all_there(place);
    let expected = rig.content();
    let course = rig.course(&["destroy"]);
    try_all(name, &rig, &chosen(name, &rig, &course, count), |at, point| {
        rig.crash(&["destroy"], &course, point);
        // Sometimes the next run wants it again.
        if at % 3 == 2 {
            goes_on(&rig, &[], &expected, point);
        }
        goes_away(&rig, point);
    });
}

/// Changes values to others; `flags` are for the run that is killed alone.
#[track_caller]
fn changed(name: &str, place: Place, values: &[&str], flags: &[&str], count: usize) {
    let rig = all_there(place);
    let change = [&["apply"], values, flags].concat();
    let course = rig.course(&change);
    let expected = rig.content();
    try_all(name, &rig, &chosen(name, &rig, &course, count), |at, point| {
        rig.crash(&change, &course, point);
        goes_on(&rig, values, &expected, point);
        // Sometimes all of it goes then, and sometimes at once.
        if at % 3 == 2 {
            rig.go_back();
            rig.crash(&change, &course, point);
        }
        if at % 3 > 0 {
            goes_away(&rig, point);
        }
    });
}
