//! The `time_*` types: every run of a stack is an hour after the one before.

use crate::support::stack::{Output, stack};

/// Fails unless the output says these times; `says` looks at texts in which every time is scrubbed.
#[track_caller]
fn tells(output: &Output, times: &[&str]) {
    for time in times {
        assert!(output.out.contains(time), "nothing says {time}:\n{}", output.raw());
    }
}

#[test]
fn moments_stay_until_they_rotate() {
    let stack = stack().file(
        "main.tf",
        r#"
        resource "time_static" "made" {}
        resource "time_static" "given" { rfc3339 = "2020-02-12T06:36:13+02:00" }
        resource "time_offset" "later" {
          base_rfc3339  = "2021-01-31T00:00:00Z"
          offset_months = 1
        }
        resource "time_rotating" "key" { rotation_hours = 3 }
        output "made"  { value = time_static.made.rfc3339 }
        output "given" { value = [time_static.given.unix, time_static.given.hour] }
        output "later" { value = time_offset.later.rfc3339 }
        output "key"   { value = time_rotating.key.rotation_rfc3339 }
        "#,
    );
    let first = stack.apply().succeeds();
    tells(&first, &["2026-01-01T00:00:00Z", "2021-03-03T00:00:00Z", "2026-01-01T03:00:00Z"]);
    stack.assert_nothing_to_do();
    // More than three hours later its moment has passed: it is made anew.
    stack.run(&["version"]).succeeds();
    stack.run(&["version"]).succeeds();
    let second = stack.apply().succeeds().says("1 added");
    tells(&second, &["\"2026-01-01T00:00:00Z\"", "2026-01-01T07:00:00Z"]);
    stack.destroy().succeeds();
}

#[test]
fn a_change_in_place_is_known_in_the_plan() {
    let text = |days: u32| {
        format!(
            "resource \"time_offset\" \"o\" {{\n  base_rfc3339 = \"2021-01-01T00:00:00Z\"\n  offset_days = {days}\n}}\n\
             resource \"time_rotating\" \"r\" {{\n  rfc3339 = \"2025-12-31T00:00:00Z\"\n  rotation_days = {days}00\n}}\n"
        )
    };
    let stack = stack().file("main.tf", text(1));
    stack.apply().succeeds();
    stack.write("main.tf", text(2));
    let plan = stack.plan().ends_with(2).says("2 to change");
    tells(&plan, &["2021-01-03T00:00:00Z", "2026-07-19T00:00:00Z"]);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn waiting_and_wrong_input() {
    let stack = stack().file(
        "main.tf",
        "resource \"time_sleep\" \"w\" {\n  create_duration = \"20m\"\n  destroy_duration = \"1h\"\n}\n",
    );
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.write("main.tf", "resource \"time_sleep\" \"w\" {\n  create_duration = \"soon\"\n}\n");
    stack.plan().ends_with(1).says("a number immediately followed by");
    stack.write("main.tf", "resource \"time_sleep\" \"w\" {}\n");
    stack.plan().ends_with(1).says("create_duration");
    stack.write("main.tf", "resource \"time_static\" \"s\" { rfc3339 = \"yesterday\" }\n");
    stack.plan().ends_with(1).says("RFC 3339");
    stack.write("main.tf", "resource \"time_rotating\" \"r\" { rotation_days = 0 }\n");
    stack.plan().ends_with(1).says("rotation_days");
}

#[test]
fn a_moment_that_has_passed_already_is_made_all_the_same() {
    let text = "resource \"time_rotating\" \"old\" {\n  rfc3339 = \"2020-01-01T00:00:00Z\"\n  rotation_days = 30\n}\n\
                output \"next\" {\n  value = time_rotating.old.rotation_rfc3339\n}\n";
    let stack = stack().file("main.tf", text);
    tells(&stack.apply().succeeds(), &["2020-01-31T00:00:00Z"]);
    stack.plan().ends_with(2).says("1 to add");
}

#[test]
fn one_of_several_arguments_is_needed() {
    for (kind, argument) in [("time_rotating", "rotation_days"), ("time_offset", "offset_days")] {
        let stack = stack().file("main.tf", format!("resource \"{kind}\" \"a\" {{\n}}\n"));
        stack.run(&["validate"]).fails().says(argument).says("must be given");
    }
}
