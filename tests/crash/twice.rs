//! Killed twice: the run that goes on after a kill is killed too, while it looks up what is open, takes it over and finishes
//! it, or makes the first calls of its own. The third one goes on all the same.

use super::points::{Point, points, sample};
use super::rig::{Place, Rig};
use super::{REPLACE, REPLACED, all_there, chosen, goes_away, goes_on, nothing_there, seed, tell, try_all};

/// How many lines a run writes about what it takes up: that it begins, what was made, and what became of that.
const TAKING_UP: usize = 3;
/// So many second kills are tried after each of the first where more than the usual sample is wanted; else one.
const SECOND: usize = 2;

#[test]
fn create_killed_twice() {
    made("create, killed twice", Place::File, 1);
}

#[test]
fn create_with_the_state_in_a_bucket_killed_twice() {
    made("create with the state in a bucket, killed twice", Place::Bucket, 1);
}

#[test]
fn replace_killed_twice() {
    let rig = all_there(Place::File);
    let (change, then) = ([&["apply"], REPLACE, REPLACED].concat(), [&["apply"], REPLACE].concat());
    let course = rig.course(&change);
    let expected = rig.content();
    let name = "replace, killed twice";
    try_all(name, &rig, &chosen(name, &rig, &course, 1), |at, first| {
        rig.crash(&change, &course, first);
        twice(
            &rig,
            &then,
            at,
            || rig.crash(&change, &course, first),
            |second| goes_on(&rig, REPLACE, &expected, second),
        );
    });
}

#[test]
fn destroy_killed_twice() {
    let rig = all_there(Place::File);
    let course = rig.course(&["destroy"]);
    let name = "destroy, killed twice";
    try_all(name, &rig, &chosen(name, &rig, &course, 1), |at, first| {
        rig.crash(&["destroy"], &course, first);
        twice(&rig, &["destroy"], at, || rig.crash(&["destroy"], &course, first), |second| goes_away(&rig, second));
    });
}

#[track_caller]
fn made(name: &str, place: Place, count: usize) {
    let (rig, course, expected) = nothing_there(place);
    try_all(name, &rig, &chosen(name, &rig, &course, count), |at, first| {
        rig.crash(&["apply"], &course, first);
        // Every third time the next run does not want it any more.
        let then: &[&str] = if at % 3 == 2 { &["destroy"] } else { &["apply"] };
        twice(
            &rig,
            then,
            at,
            || rig.crash(&["apply"], &course, first),
            |second| {
                if at % 3 < 2 {
                    goes_on(&rig, &[], &expected, second);
                }
                goes_away(&rig, second);
            },
        );
    });
}

/// Kills the run that goes on: mostly while it takes up what the killed one left, where that is told by lines of the journal.
/// `again` kills the first one at the same point, from the start; here that was done once.
#[track_caller]
fn twice(rig: &Rig, then: &[&str], at: usize, again: impl Fn(), goes: impl Fn(&Point)) {
    let left = rig.lines_left();
    let course = rig.course(then);
    let (_, mut all) = points(&course);
    // The journal goes on where the killed run ended.
    all.retain(|point| rig.can_try(point) && point.has >= left);
    let taking_up: Vec<_> = all.iter().filter(|point| point.has <= left + TAKING_UP).cloned().collect();
    let (of, seed) = (taking_up.len(), seed() + 1000 + at as u64);
    let count = if std::env::var_os("GLAZ_CRASH").is_some() { SECOND } else { 1 };
    let mut seconds = sample(taking_up, count.div_ceil(2), seed);
    seconds.extend(sample(all, count - seconds.len(), seed + 1));
    for second in &seconds {
        rig.go_back();
        again();
        rig.crash_or_end(then, &course, second);
        tell(&format!("  and then {second}; {of} points while what was left is taken up\n"));
        goes(second);
    }
}
