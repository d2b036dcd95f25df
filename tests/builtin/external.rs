//! The data source `external`.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::stack::{Stack, stack};

fn data(script: &str, arguments: &str) -> Stack {
    let stack = stack().file("program", format!("#!/bin/sh\n{script}\n")).file(
        "main.tf",
        format!("data \"external\" \"a\" {{\n  {arguments}\n}}\noutput \"a\" {{\n  value = data.external.a\n}}\n"),
    );
    std::fs::set_permissions(stack.path("program"), std::fs::Permissions::from_mode(0o755)).unwrap();
    stack
}

#[test]
fn the_query_goes_in_and_the_result_comes_out() {
    let stack = data(
        "query=$(cat); printf '%s' \"$query\" > query; echo \"{\\\"where\\\": \\\"$(pwd)\\\", \\\"word\\\": \\\"$1\\\"}\"",
        "program = [\"${abspath(path.module)}/program\", \"a b\"]\n  query = { b = \"<2>\", a = 1, n = null }\n  working_dir = \"sub\"",
    )
    .file("sub/keep", "");
    stack.apply().succeeds();
    let found = stack.state()["outputs"]["a"]["value"].clone();
    assert_eq!(found["id"], "-");
    assert_eq!(found["result"]["word"], "a b");
    assert_eq!(found["result"]["where"], stack.path("sub").to_str().unwrap());
    assert_eq!(stack.read("sub/query"), "{\"a\":\"1\",\"b\":\"\\u003c2\\u003e\"}");
}

#[test]
fn programs_are_found_along_path() {
    let stack = data("", "program = [\"sh\", \"-c\", \"echo '{}'\"]");
    stack.apply().succeeds();
    assert_eq!(stack.state()["outputs"]["a"]["value"]["result"], serde_json::json!({}));
}

#[test]
fn a_program_that_ignores_a_long_query() {
    let stack = data(
        "echo '{\"a\": \"b\"}'",
        "program = [\"./program\"]\n  query = { long = join(\"\", [for i in range(1000) : \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"]) }",
    );
    stack.apply().succeeds();
}

#[test]
fn a_program_does_not_outlive_the_run() {
    let stack = data(
        "trap '' INT TERM; echo $$ > number; mv number child; while true; do sleep 0.1; done",
        "program = [\"./program\"]",
    );
    let run = stack.start(&["plan"]);
    while !stack.path("child").exists() {}
    run.interrupt();
    run.wait().ends_with(130);
    let child = stack.read("child").trim().to_owned();
    assert!(!child.is_empty());
    assert!(!std::fs::read_to_string(format!("/proc/{child}/stat")).is_ok_and(|stat| !stat.contains(") Z ")));
}

#[test]
fn what_goes_wrong() {
    let says = |script: &str, arguments: &str, summary: &str, detail: &str| {
        data(script, arguments).plan().fails().says(summary).says(detail).never_says("hunter2");
    };
    let program = "program = [\"./program\"]";
    says("", "program = [\"\"]", "External Program Missing", "must name the program to run");
    says("", "program = [\"no-such-program\"]", "External Program Lookup Failed", "no folder of PATH");
    says("", "program = [\"./main.tf\"]", "External Program Lookup Failed", "permission denied");
    says("echo no good >&2; exit 3", program, "External Program Execution Failed", "no good");
    says("exit 3", program, "External Program Execution Failed", "exit status: 3");
    says("exit 0", program, "Unexpected External Program Results", "it printed nothing");
    says("echo hunter2", program, "Unexpected External Program Results", "it is no JSON at line 1");
    says("echo '{\"a\": [\"hunter2\"]}'", program, "Unexpected External Program Results", "the value of \"a\" is a");
}
