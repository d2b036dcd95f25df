//! `local-exec` from the command line: what runs when, what a failure leaves behind, what is shown.

use std::time::{Duration, Instant};

use crate::support::stack::{Output, Stack, stack};

fn with(text: &str) -> Stack {
    stack().file("main.tf", text)
}

/// `status` of an instance in the state, `tainted` or nothing.
fn status(stack: &Stack, name: &str) -> Option<String> {
    let state = stack.state();
    let found = state["resources"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned()?;
    found["instances"][0].get("status").and_then(|status| status.as_str()).map(str::to_owned)
}

#[test]
fn output_comes_line_by_line_with_the_address() {
    let stack = with(
        r#"
resource "terraform_data" "a" {
  input = "hello"
  provisioner "local-exec" {
    command     = "echo ${self.input} $WHO; echo problem >&2; printf open"
    environment = { WHO = "there" }
  }
  provisioner "local-exec" {
    command     = "import os; print(os.path.basename(os.getcwd()))"
    interpreter = ["python3", "-c"]
    working_dir = "inside"
    quiet       = true
  }
}
"#,
    )
    .file("inside/x", "");
    let applied = stack.apply().succeeds();
    let from = applied.text().find("terraform_data.a: Creating").unwrap();
    insta::assert_snapshot!(applied.text()[from..], @r#"
    terraform_data.a: Creating...
    terraform_data.a: Provisioning with 'local-exec'...
    terraform_data.a (local-exec): Executing: ["/bin/sh" "-c" "echo hello $WHO; echo problem >&2; printf open"]
    terraform_data.a (local-exec): hello there
    terraform_data.a (local-exec): problem
    terraform_data.a (local-exec): open
    terraform_data.a: Provisioning with 'local-exec'...
    terraform_data.a (local-exec): local-exec: Executing: Suppressed by quiet=true
    terraform_data.a (local-exec): inside
    terraform_data.a: Creation complete after [TIME] [id=[UUID]]

    Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
    "#);
    assert_eq!(status(&stack, "a"), None);
    stack.assert_nothing_to_do();
}

#[test]
fn a_failure_taints_the_object_and_stops_what_follows() {
    let stack = with(
        r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command    = "exit 3"
    on_failure = continue
  }
  provisioner "local-exec" {
    command = "echo reason; exit 4"
  }
  provisioner "local-exec" {
    command = "touch never"
  }
}

resource "terraform_data" "b" {
  input = terraform_data.a.id
}
"#,
    );
    let applied = stack.apply().fails();
    let from = applied.text().find("terraform_data.a: Creating").unwrap();
    insta::assert_snapshot!(applied.text()[from..], @r#"
    terraform_data.a: Creating...
    terraform_data.a: Provisioning with 'local-exec'...
    terraform_data.a (local-exec): Executing: ["/bin/sh" "-c" "exit 3"]
    terraform_data.a (local-exec): Failed, which on_failure = continue allows: Error running command 'exit 3': exit status 3.
    terraform_data.a: Provisioning with 'local-exec'...
    terraform_data.a (local-exec): Executing: ["/bin/sh" "-c" "echo reason; exit 4"]
    terraform_data.a (local-exec): reason
    terraform_data.a: Creation errored after [TIME]
    --- standard error

    Error: local-exec provisioner error
     --> main.tf:7:3
      |
    7 |   provisioner "local-exec" {
      |   ^^^^^^^^^^^^^^^^^^^^^^^^

      Error running command 'echo reason; exit 4': exit status 4. Output:

      reason
    "#);
    assert_eq!(status(&stack, "a").as_deref(), Some("tainted"));
    assert_eq!(stack.instances(), ["terraform_data.a"]);
    assert!(!stack.files().contains(&"never".to_owned()));
    stack.plan().ends_with(2).says("is tainted, so must be replaced");
    stack.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"true\"\n  }\n}\n",
    );
    stack.apply().succeeds();
    assert_eq!(status(&stack, "a"), None);
}

#[test]
fn nothing_of_a_secret_is_shown() {
    let stack = with(
        r#"
variable "password" {
  sensitive = true
}

resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo ${var.password}"
  }
  provisioner "local-exec" {
    command = "echo ${var.password}; exit 1"
  }
}
"#,
    )
    .env("TF_VAR_password", "hunter2");
    stack
        .apply()
        .fails()
        .says("terraform_data.a (local-exec): (output suppressed due to sensitive value in config)")
        .says("Error running the command, which is not shown: exit status 1.")
        .never_says("hunter2");
}

#[test]
fn what_runs_before_destruction() {
    let stack = with(
        r#"
locals {
  round = 1
}

resource "terraform_data" "replaced" {
  triggers_replace = local.round
  provisioner "local-exec" {
    when    = destroy
    command = "echo replaced ${self.triggers_replace} >> log.txt"
  }
}

resource "terraform_data" "made_first" {
  triggers_replace = local.round
  lifecycle {
    create_before_destroy = true
  }
  provisioner "local-exec" {
    when    = destroy
    command = "echo never >> log.txt"
  }
}

resource "terraform_data" "counted" {
  count = 2 - local.round + 1
  provisioner "local-exec" {
    when    = destroy
    command = "echo counted ${count.index} in ${path.module} >> log.txt"
  }
}
"#,
    );
    stack.apply().succeeds();
    stack.write("main.tf", stack.read("main.tf").replace("round = 1", "round = 2"));
    stack.apply().succeeds();
    let mut log: Vec<String> = stack.read("log.txt").lines().map(str::to_owned).collect();
    log.sort();
    assert_eq!(log, ["counted 1 in .", "replaced 1"]);
}

#[test]
fn a_failure_before_destruction_keeps_the_object() {
    let stack = with(
        r#"
resource "terraform_data" "a" {
  for_each = toset(["x"])
  provisioner "local-exec" {
    when    = destroy
    command = "echo ${each.key} >> log.txt"
  }
  provisioner "local-exec" {
    when       = destroy
    on_failure = continue
    command    = "exit 1"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "test -e allowed"
  }
}
"#,
    );
    stack.apply().succeeds();
    stack.destroy().fails().says("Error: local-exec provisioner error");
    assert_eq!(stack.instances(), ["terraform_data.a[\"x\"]"]);
    assert_eq!(status(&stack, "a"), None, "it is as it was");
    stack.write("allowed", "");
    stack.destroy().succeeds();
    assert!(stack.instances().is_empty());
    assert_eq!(stack.read("log.txt"), "x\nx\n");
}

#[test]
fn an_object_waits_for_what_its_provisioners_refer_to() {
    let stack = with(
        r#"
resource "terraform_data" "late" {
  provisioner "local-exec" {
    command = "sleep 0.3; echo late >> log.txt"
  }
}

locals {
  late = terraform_data.late.id
}

resource "terraform_data" "after" {
  provisioner "local-exec" {
    command = "echo after ${local.late == ""} >> log.txt"
  }
}
"#,
    );
    stack.apply().succeeds();
    assert_eq!(stack.read("log.txt"), "late\nafter false\n");
}

#[test]
fn each_is_evaluated_when_the_one_before_is_done() {
    let stack = with(
        r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo -n made > made.txt"
  }
  provisioner "local-exec" {
    command = "echo ${file("${self.id == "" ? "" : "made.txt"}")} > seen.txt"
  }
}
"#,
    );
    stack.apply().succeeds();
    assert_eq!(stack.read("seen.txt"), "made\n");
}

#[test]
fn mistakes_show_before_anything_is_made() {
    let stack = with(
        r#"
resource "terraform_data" "a" {
  provisioner "nope" {
  }
}

resource "terraform_data" "b" {
  connection {
    bogus = 1
  }
  provisioner "remote-exec" {
    inline = ["a"]
    script = "b"
  }
  provisioner "file" {
    destination = "c"
    connection {
      host = "h"
    }
  }
  provisioner "local-exec" {
    command     = self.nope
    environment = ["x"]
  }
}

resource "terraform_data" "c" {
  provisioner "local-exec" {
    when    = "destroy"
    command = "echo ${terraform_data.b.id}"
    lifecycle {}
  }
}
"#,
    );
    let validated = stack.run(&["validate"]).fails();
    insta::assert_snapshot!(validated.text(), @r#"
    Warning: Quoted keywords are deprecated
      --> main.tf:29:15
       |
    29 |     when    = "destroy"
       |               ^^^^^^^^^

      "when" takes a word without quotes. Remove the quotes.

    Error: Reserved block type name in provisioner block
      --> main.tf:31:5
       |
    31 |     lifecycle {}
       |     ^^^^^^^^^

      A provisioner has no lifecycle block. That of the resource counts for everything in it.

    Error: Invalid reference from destroy provisioner
      --> main.tf:30:23
       |
    30 |     command = "echo ${terraform_data.b.id}"
       |                       ^^^^^^^^^^^^^^^^^^^

      What runs on destruction may only refer to self, count.index, each.key, path and terraform, since
      nothing else may exist any more at that time.
    "#);
    stack.write(
        "main.tf",
        stack.read("main.tf").replace("${terraform_data.b.id}", "x").replace("    lifecycle {}\n", ""),
    );
    let validated = stack.run(&["validate"]).fails();
    insta::assert_snapshot!(validated.text(), @r#"
    Warning: Quoted keywords are deprecated
      --> main.tf:29:15
       |
    29 |     when    = "destroy"
       |               ^^^^^^^^^

      "when" takes a word without quotes. Remove the quotes.

    Error: Missing required provisioner plugin
     --> main.tf:3:15
      |
    3 |   provisioner "nope" {
      |               ^^^^^^

      There is no provisioner "nope", only local-exec, remote-exec and file.

    Error: Unsupported argument
     --> main.tf:9:5
      |
    9 |     bogus = 1
      |     ^^^^^

      An argument named "bogus" is not expected here.

    Error: Missing required argument
     --> main.tf:8:3
      |
    8 |   connection {
      |   ^^^^^^^^^^

      The argument "host" is required, but it is not given.

    Error: Invalid remote-exec provisioner configuration
      --> main.tf:11:3
       |
    11 |   provisioner "remote-exec" {
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^

      Only one of "inline" or "script" or "scripts" can be given, since each alone says what to do.

    Error: Must provide one of 'source' or 'content'
      --> main.tf:15:3
       |
    15 |   provisioner "file" {
       |   ^^^^^^^^^^^^^^^^^^

      "source" or "content" is needed, and none is given.

    Error: Unsupported attribute
      --> main.tf:22:23
       |
    22 |     command     = self.nope
       |                       ^^^^^

      This object does not have an attribute named "nope". It has: id, input, output, triggers_replace.

    Error: Incorrect attribute value type
      --> main.tf:23:19
       |
    23 |     environment = ["x"]
       |                   ^^^^^

      The value of "environment" does not fit: map of string required.
    "#);
    stack.plan().fails().says("Missing required provisioner plugin");
}

/// Waits until the file is there.
fn until_there(stack: &Stack, name: &str) {
    let start = Instant::now();
    while !stack.path(name).exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "{name} never appears");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The process whose number is in the file `child` does not outlive Ctrl-C.
#[track_caller]
fn ends_with_ctrl_c(command: &str) -> Output {
    let stack = with(&format!(
        r#"
resource "terraform_data" "a" {{
  provisioner "local-exec" {{
    command = "{command}"
  }}
}}
"#
    ));
    let run = stack.start(&["apply", "-auto-approve"]);
    until_there(&stack, "child");
    let start = Instant::now();
    run.interrupt();
    let output = run.wait().fails().says("Interrupted");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert!(!is_alive(&stack, "child"));
    assert_eq!(status(&stack, "a").as_deref(), Some("tainted"));
    output
}

#[test]
fn ctrl_c_ends_the_command_and_all_its_processes() {
    ends_with_ctrl_c("(sleep 300; touch outlived) & echo $! > number; mv number child; wait")
        .says("It was stopped before it was done");
}

#[test]
fn a_command_that_does_not_end_when_it_is_asked_is_killed_with_all_its_processes() {
    ends_with_ctrl_c(
        "trap '' TERM; (while true; do sleep 0.1; done) & echo $! > number; mv number child; while true; do sleep 0.1; done",
    );
}

/// Whether a process whose number is in this file runs.
fn is_alive(stack: &Stack, name: &str) -> bool {
    let process = stack.read(name).trim().to_owned();
    assert!(!process.is_empty());
    std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn a_second_ctrl_c_kills_the_command_at_once() {
    let stack = with(
        r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "trap '' INT TERM; echo $$ > number; mv number child; while true; do sleep 0.1; done"
  }
}
"#,
    );
    let mut run = stack.start(&["apply", "-auto-approve"]);
    until_there(&stack, "child");
    while !run.is_over() {
        run.interrupt();
    }
    run.wait().ends_with(130);
    assert!(!is_alive(&stack, "child"));
}

#[test]
fn what_a_destroy_time_provisioner_keeps_is_said_to_be_there() {
    let stack = with(
        r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    when    = destroy
    command = "echo $$ > number; mv number child; sleep 300"
  }
}
"#,
    );
    stack.apply().succeeds();
    let run = stack.start(&["destroy", "-auto-approve"]);
    until_there(&stack, "child");
    run.interrupt();
    run.wait().fails().says("It was stopped before it was done. The object is still there.");
    assert_eq!(status(&stack, "a"), None);
}

#[test]
fn an_object_whose_provisioners_were_cut_off_is_made_anew() {
    let stack = with(
        r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "touch started; while ! test -e go; do sleep 0.01; done; touch done"
  }
}
"#,
    );
    let run = stack.start(&["apply", "-auto-approve"]);
    until_there(&stack, "started");
    run.kill();
    stack.write("go", "");
    run.wait();
    stack.plan().ends_with(2).says("is tainted, so must be replaced");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn lines_of_json_say_how_long_it_took_to_fail() {
    let stack = with(
        "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"sleep 1.1; exit 1\"\n  }\n}\n",
    );
    // By the machine's clock: that of tests stands still meanwhile.
    let stack = stack.env("GLAZ_TEST_CLOCK", "none");
    let out = stack.run(&["apply", "-auto-approve", "-json"]).fails().out;
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let errored: Vec<_> = lines.iter().filter(|line| line["type"] == "apply_errored").collect();
    let [errored] = &errored[..] else { panic!("{out}") };
    let seconds = errored["hook"]["elapsed_seconds"].as_u64().unwrap();
    assert!(seconds >= 1, "{out}");
    assert_eq!(errored["@message"], format!("terraform_data.a: Creation errored after {seconds}s"));
}
