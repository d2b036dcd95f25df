//! The state file: corrupt, newer, held by somebody else, on a full disk. Nothing is ever lost.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

const ONE: &str = "resource \"terraform_data\" \"a\" {\n  input = \"one\"\n}\n";
const TWO: &str = "resource \"terraform_data\" \"a\" {\n  input = \"two\"\n}\n";

fn applied() -> Stack {
    let stack = stack().file("main.tf", ONE);
    stack.apply().succeeds();
    stack
}

#[test]
fn apply_change_and_destroy() {
    let stack = applied();
    stack.assert_nothing_to_do();
    assert_eq!(stack.state()["version"], 4);
    stack.write("main.tf", TWO);
    stack.plan().ends_with(2).says("0 to add, 1 to change, 0 to destroy");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert!(stack.read("terraform.tfstate.backup").contains("\"one\""));
    stack.destroy().succeeds();
    assert!(stack.instances().is_empty());
    assert_eq!(stack.files(), ["main.tf", "terraform.tfstate", "terraform.tfstate.backup"]);
}

#[test]
fn corrupt() {
    let stack = applied();
    let text = stack.read("terraform.tfstate");
    let half = &text[..text.len() / 2];
    stack.write("terraform.tfstate", half);
    assert_snapshot!(stack.plan().fails().text(), @r#"
    Error: The state is cut off

      terraform.tfstate ends in the middle, at line 17: whatever wrote it last did not finish. Nothing
      was changed. Going on without the state would create everything again.

      Help: There is no whole backup beside it. If the file is under version control, restore it from
      there.
    "#);
    stack.apply().fails();
    stack.destroy().fails();
    assert_eq!(stack.read("terraform.tfstate"), half, "what cannot be read is left alone");
}

#[test]
fn of_a_newer_format() {
    let stack = applied();
    stack.write("terraform.tfstate", stack.read("terraform.tfstate").replace("\"version\": 4", "\"version\": 5"));
    assert_snapshot!(stack.plan().fails().text(), @r#"
    Error: State of a newer format

      terraform.tfstate has format version 5: something newer than this glaz wrote it, which reads and
      writes version 4. Nothing was changed. Use a newer glaz, or the program that wrote it. Going back
      to an older copy of the file would forget what was done since.
    "#);
}

/// Somebody who holds the lock as Terraform does, until dropped.
pub(super) struct Holder(Child);

impl Holder {
    pub(super) fn of(stack: &Stack) -> Self {
        let script = "import fcntl, sys\nfile = open('terraform.tfstate', 'r+')\nfcntl.lockf(file, fcntl.LOCK_EX)\nprint('held', flush=True)\nsys.stdin.read()";
        let info = r#"{"ID":"0c5e","Operation":"OperationTypeApply","Info":"","Who":"ann@desk","Version":"1.11.4","Created":"2026-01-01T08:00:00Z","Path":"terraform.tfstate"}"#;
        stack.write(".terraform.tfstate.lock.info", info);
        let mut child = Command::new("python3")
            .args(["-c", script])
            .current_dir(stack.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "held\n");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
fn locked_by_somebody_else() {
    let stack = applied();
    stack.write("main.tf", TWO);
    let holder = Holder::of(&stack);
    assert_snapshot!(stack.apply().fails().text(), @r#"
    Error: The state is locked

      Somebody else is working with terraform.tfstate. Nothing was changed.

        Who:       ann@desk
        Operation: OperationTypeApply
        Since:     [DATE]
        Version:   1.11.4
        ID:        0c5e

      Help: Wait until it is done, or let glaz wait with -lock-timeout=10m. When that process ends, its
      lock ends with it.
    "#);
    stack.with_flags(&["plan", "-lock-timeout=2s"]).fails().says("ann@desk").never_says("Acquiring");
    stack
        .with_flags(&["plan", "-lock-timeout=9s"])
        .fails()
        .says("Acquiring state lock. This may take a few moments...");
    stack.with_flags(&["plan", "-lock=false"]).succeeds();
    drop(holder);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn full_disk() {
    let stack = applied();
    let before = stack.read("terraform.tfstate");
    // Larger than a file may become. The signal of the limit is ignored, so that the write fails as on a full disk.
    let large = format!("resource \"terraform_data\" \"a\" {{\n  input = \"{}\"\n}}\n", "x".repeat(40_000));
    stack.write("main.tf", large);
    let output = stack.start_shell("trap '' XFSZ; ulimit -f 16; exec \"$glaz\" apply -auto-approve").wait();
    assert_ne!(output.code, Some(0), "{}", output.raw());
    assert!(output.err.contains("rror"), "{}", output.raw());
    assert_eq!(stack.read("terraform.tfstate"), before, "the state is the old one, whole");
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn a_full_disk_is_named_when_the_state_is_locked_and_a_workspace_is_selected() {
    let stack = applied();
    let full =
        |command: &str| stack.start_shell(&format!("trap '' XFSZ; ulimit -f 0; exec \"$glaz\" {command}")).wait();
    let output = full("taint terraform_data.a").fails().says("Error: The state cannot be locked");
    output.says("Raise the limit and run the command again.").never_says("permissions");
    let output = full("workspace new eu").fails().says("Error: Error selecting workspace");
    output.says("was made all the same").says("glaz workspace select eu").never_says("Nothing");
    assert_eq!(stack.run(&["workspace", "list"]).succeeds().out, "* default\n  eu\n\n");
    stack.run(&["workspace", "select", "eu"]).succeeds();
}

#[test]
fn the_highest_serial() {
    let stack = applied();
    stack.write("main.tf", format!("{TWO}resource \"terraform_data\" \"b\" {{}}\n"));
    let text = stack.read("terraform.tfstate").replace("\"serial\": 1", "\"serial\": 18446744073709551615");
    stack.write("terraform.tfstate", &text);
    stack.plan().ends_with(2);
    for output in [stack.run(&["taint", "terraform_data.a"]), stack.apply(), stack.destroy()] {
        output.fails().says("Error: No higher serial");
    }
    assert_eq!(stack.read("terraform.tfstate"), text);
    assert!(!stack.path("terraform.tfstate.journal").exists());
    let pulled = stack.run(&["state", "pull"]).succeeds().out;
    stack.write("lower", pulled.replace("18446744073709551615", "7"));
    stack.run(&["state", "push", "-force", "lower"]).succeeds();
    stack.apply().succeeds();
    assert_eq!(stack.state()["serial"], 8);
}

#[test]
fn folder_that_cannot_be_written() {
    let stack = stack().file("main.tf", ONE);
    let output = stack.with_flags(&["apply", "-auto-approve", "-state=/proc/nowhere/terraform.tfstate"]);
    output.fails().says("/proc/nowhere");
}

/// The state with this version of the attributes of a type.
fn set_version(stack: &Stack, type_name: &str, version: u64) -> String {
    let mut state = stack.state();
    for resource in state["resources"].as_array_mut().unwrap() {
        if resource["type"] == type_name {
            resource["instances"][0]["schema_version"] = version.into();
        }
    }
    let text = serde_json::to_string_pretty(&state).unwrap();
    stack.write("terraform.tfstate", &text);
    text
}

#[test]
fn objects_that_something_newer_wrote_are_left_alone() {
    let main =
        "resource \"terraform_data\" \"a\" {\n  input = 1\n}\nresource \"random_string\" \"b\" {\n  length = 4\n}\n";
    let stack = stack().file("main.tf", main);
    stack.apply().succeeds();
    // An older version goes on.
    set_version(&stack, "random_string", 1);
    stack.assert_nothing_to_do();
    let newer = set_version(&stack, "terraform_data", 7);
    stack.write("main.tf", main.replace("input = 1", "input = 2"));
    for command in
        [&["plan"][..], &["apply", "-auto-approve"], &["destroy", "-auto-approve"], &["plan", "-refresh=false"]]
    {
        let refused = stack.run(command).fails().says("Error: Resource instance managed by newer provider version");
        refused
            .says("The current state of terraform_data.a was created by a newer provider version")
            .says("--> main.tf:1:1");
    }
    // Without a block, there is no place.
    stack.write("main.tf", "");
    stack.apply().fails().says("managed by newer provider version").never_says("--> main.tf");
    assert_eq!(stack.read("terraform.tfstate"), newer);
    stack.run(&["state", "list"]).succeeds().says("terraform_data.a");
}
