//! The points at which a run can be killed, and which of them leave the same behind.
//!
//! A kill leaves what is on disk and what is in the account, nothing else. With one call at a time both change in a
//! known order: so the account as it is between two calls, and the journal cut after each of its lines, are every
//! state a kill can leave. Points that leave the same are tried once.

use std::collections::BTreeMap;
use std::fmt;

/// A call of a run, as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub operation: String,
    /// Lines of the journal by then.
    pub lines: usize,
}

impl Seen {
    /// Whether the call changes anything in the account.
    fn is_making(&self) -> bool {
        !["Describe", "Get", "List", "BatchGet", "BatchCheck", "Head"]
            .iter()
            .any(|verb| self.operation.starts_with(verb))
    }
}

/// What a run did from its start to its end.
#[derive(Clone, Debug)]
pub struct Course {
    pub calls: Vec<Seen>,
    /// Lines of the journal before it went away.
    pub lines: usize,
}

/// Where the run is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// This call (from 1) has arrived and had no effect.
    Before(usize),
    /// It had its effect, and nobody was told.
    Effect(usize),
    /// After the last call: the state is not yet written.
    Unwritten,
    /// The state is written, the journal is still there.
    Written,
}

/// A state to be left behind.
#[derive(Clone, Debug)]
pub struct Point {
    pub when: When,
    /// The journal has these whole lines; `None` for as many as there are.
    pub lines: Option<usize>,
    /// Half of the next line follows.
    pub is_torn: bool,
    /// How many whole lines the journal has there.
    pub has: usize,
    operation: String,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            When::Before(call) => write!(f, "before call {call} ({})", self.operation)?,
            When::Effect(call) => write!(f, "after the effect of call {call} ({})", self.operation)?,
            When::Unwritten => f.write_str("after the last call")?,
            When::Written => f.write_str("before the journal goes away")?,
        }
        if let Some(lines) = self.lines {
            write!(f, ", {lines} lines of the journal{}", if self.is_torn { " and half a line" } else { "" })?;
        }
        Ok(())
    }
}

/// Every point of the course: their number, and those that differ in what they leave.
pub fn points(course: &Course) -> (usize, Vec<Point>) {
    // Before, after the effect, and after the answer of each call; each line whole and torn; both ends of the write.
    let all = course.calls.len() * 3 + course.lines * 2 + 2;
    let mut distinct: BTreeMap<(usize, usize, bool, bool), Point> = BTreeMap::new();
    let mut add = |changes: usize, lines: usize, is_written: bool, point: Point| {
        distinct.entry((changes, lines, point.is_torn, is_written)).or_insert(Point { has: lines, ..point });
    };
    let (mut changes, mut before) = (0, 0);
    for (call, seen) in (1..).zip(&course.calls) {
        let operation = &seen.operation;
        let point = |when, lines, is_torn| Point { when, lines, is_torn, has: 0, operation: operation.clone() };
        // What was written since the call before this one.
        for lines in before..seen.lines {
            add(changes, lines, false, point(When::Before(call), Some(lines), false));
            add(changes, lines, false, point(When::Before(call), Some(lines), true));
        }
        add(changes, seen.lines, false, point(When::Before(call), None, false));
        if seen.is_making() {
            changes += 1;
            add(changes, seen.lines, false, point(When::Effect(call), None, false));
        }
        before = seen.lines;
    }
    let point = |when, lines, is_torn| Point { when, lines, is_torn, has: 0, operation: String::new() };
    for lines in before..course.lines {
        add(changes, lines, false, point(When::Unwritten, Some(lines), false));
        add(changes, lines, false, point(When::Unwritten, Some(lines), true));
    }
    add(changes, course.lines, false, point(When::Unwritten, None, false));
    add(changes, course.lines, true, point(When::Written, None, false));
    (all, distinct.into_values().collect())
}

/// So many of them, always the same for a seed.
pub fn sample(mut points: Vec<Point>, count: usize, seed: u64) -> Vec<Point> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB)
    };
    let mut chosen = Vec::new();
    while chosen.len() < count && !points.is_empty() {
        let at = next() % points.len() as u64;
        chosen.push(points.swap_remove(usize::try_from(at).unwrap()));
    }
    chosen
}

#[test]
fn points_that_leave_the_same_are_one() {
    let seen = |operation: &str, lines| Seen { operation: operation.into(), lines };
    let calls = vec![seen("DescribeVpcs", 0), seen("CreateVpc", 2), seen("DescribeVpcs", 3)];
    let (all, distinct) = points(&Course { calls, lines: 5 });
    assert_eq!(all, 3 * 3 + 5 * 2 + 2);
    let texts: Vec<String> = distinct.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(texts.join("\n"), @"
    before call 1 (DescribeVpcs)
    before call 2 (CreateVpc), 0 lines of the journal and half a line
    before call 2 (CreateVpc), 1 lines of the journal
    before call 2 (CreateVpc), 1 lines of the journal and half a line
    before call 2 (CreateVpc)
    after the effect of call 2 (CreateVpc)
    before call 3 (DescribeVpcs), 2 lines of the journal and half a line
    before call 3 (DescribeVpcs)
    after the last call, 3 lines of the journal and half a line
    after the last call, 4 lines of the journal
    after the last call, 4 lines of the journal and half a line
    after the last call
    before the journal goes away
    ");
}
