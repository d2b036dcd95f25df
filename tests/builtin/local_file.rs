//! `local_file` and `local_sensitive_file`.

use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

const ONE: &str = "resource \"local_file\" \"a\" {\n  filename = \"out/deep/a.txt\"\n  content  = \"hello\"\n}\n";

fn attributes(stack: &Stack, at: usize) -> serde_json::Value {
    stack.state()["resources"][at]["instances"][0]["attributes"].clone()
}

fn mode(stack: &Stack, name: &str) -> u32 {
    stack.path(name).metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn made_with_its_folders_and_removed() {
    let stack = stack().file("main.tf", ONE);
    stack.apply().succeeds();
    assert_eq!(stack.read("out/deep/a.txt"), "hello");
    let made = attributes(&stack, 0);
    assert_eq!(made["id"], "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d");
    assert_eq!(made["content_sha1"], made["id"]);
    assert_eq!(made["content_md5"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(made["content_base64sha256"], "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    assert_eq!(made["file_permission"], "0777");
    assert_eq!(made["source"], serde_json::Value::Null);
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    assert!(!stack.path("out/deep/a.txt").exists());
    assert!(stack.path("out/deep").exists(), "folders stay, as with the provider");
}

#[test]
fn a_file_that_is_gone_or_changed_is_made_anew() {
    let stack = stack().file("main.tf", ONE);
    stack.apply().succeeds();
    std::fs::remove_file(stack.path("out/deep/a.txt")).unwrap();
    stack.plan().ends_with(2).says("local_file.a").says("1 to add");
    stack.apply().succeeds();
    assert_eq!(stack.read("out/deep/a.txt"), "hello");

    stack.write("out/deep/a.txt", "by hand");
    stack.plan().ends_with(2).says("1 to add, 0 to change, 0 to destroy");
    stack.apply().succeeds();
    assert_eq!(stack.read("out/deep/a.txt"), "hello");
    stack.assert_nothing_to_do();

    stack.write("out/deep/a.txt", "by hand");
    stack.destroy().succeeds();
    assert_eq!(stack.read("out/deep/a.txt"), "by hand", "what others wrote is not ours to remove");
}

/// A file, and something after it that fails.
fn failing(kind: &str, rest: &str) -> String {
    format!(
        "resource \"{kind}\" \"a\" {{\n  filename = \"a.txt\"\n  {rest}\n}}\n\nresource \"terraform_data\" \"b\" {{\n  depends_on = [{kind}.a]\n  provisioner \"local-exec\" {{\n    command = \"false\"\n  }}\n}}\n"
    )
}

#[test]
fn undoing_a_run_puts_back_the_file_that_it_overwrote() {
    for kind in ["local_file", "local_sensitive_file"] {
        for was in [b"precious".as_slice(), b"\xff\x00z"] {
            let stack = stack().file("main.tf", failing(kind, "content = \"ours\"")).file("a.txt", was);
            let failed = stack.run(&["apply", "-auto-approve", "-rollback"]).fails();
            failed.says(&format!("{kind}.a (making): it exists already, and is overwritten")).never_says("precious");
            assert_eq!(std::fs::read(stack.path("a.txt")).unwrap(), was);
            assert_eq!(stack.instances(), Vec::<String>::new());
        }
    }
}

#[test]
fn every_argument_replaces_it() {
    let file = |rest: &str| format!("resource \"local_file\" \"a\" {{\n  filename = \"a.txt\"\n  {rest}\n}}\n");
    let stack = stack().file("main.tf", file("content = \"one\"")).file("from.bin", b"\xff\x00z");
    stack.apply().succeeds();
    for (rest, content) in [
        ("content = \"two\"", b"two".as_slice()),
        ("content_base64 = \"dGhyZWU=\"", b"three"),
        ("source = \"from.bin\"", b"\xff\x00z"),
        ("sensitive_content = \"four\"", b"four"),
        ("content = \"\"", b""),
    ] {
        stack.write("main.tf", file(rest));
        stack.apply().succeeds().says("1 added, 0 changed, 1 destroyed");
        assert_eq!(std::fs::read(stack.path("a.txt")).unwrap(), content);
        stack.assert_nothing_to_do();
    }
    stack.write("main.tf", file("content = \"\"\n  file_permission = \"0640\""));
    stack.apply().succeeds();
    assert_eq!(mode(&stack, "a.txt"), 0o640);
}

#[test]
fn permissions() {
    let stack = stack().file(
        "main.tf",
        "resource \"local_sensitive_file\" \"a\" {\n  filename = \"keys/a.pem\"\n  content = \"k\"\n}\n\
         resource \"local_file\" \"b\" {\n  filename = \"open/b\"\n  content = \"b\"\n  file_permission = \"600\"\n  directory_permission = \"0750\"\n}\n",
    );
    stack.apply().succeeds();
    assert_eq!((mode(&stack, "keys"), mode(&stack, "keys/a.pem")), (0o700, 0o700));
    assert_eq!((mode(&stack, "open"), mode(&stack, "open/b")), (0o750, 0o600));
}

#[test]
fn the_data_sources_tell_content_and_hashes() {
    let stack = stack().file("in.bin", b"a\xffb").file(
        "main.tf",
        "data \"local_file\" \"a\" {\n  filename = \"in.bin\"\n}\n\
         data \"local_sensitive_file\" \"b\" {\n  filename = \"in.bin\"\n}\n\
         output \"text\" {\n  value = data.local_file.a.content\n}\n\
         output \"base64\" {\n  value = data.local_file.a.content_base64\n}\n\
         output \"id\" {\n  value = data.local_sensitive_file.b.id\n}\n\
         output \"secret\" {\n  value = data.local_sensitive_file.b.content\n  sensitive = true\n}\n",
    );
    stack.apply().succeeds();
    let outputs = stack.state()["outputs"].clone();
    assert_eq!(outputs["text"]["value"], "a\u{fffd}b");
    assert_eq!(outputs["base64"]["value"], "Yf9i");
    assert_eq!(outputs["id"]["value"], "2b962856b5d3a293cc64cbfaf1e1580c7cefeba7");
    assert_eq!(outputs["secret"]["sensitive"], true);
    stack.assert_nothing_to_do();
}

#[test]
fn sensitive_content_is_never_printed() {
    let text = |secret: &str| {
        format!("resource \"local_sensitive_file\" \"a\" {{\n  filename = \"a\"\n  content = \"{secret}\"\n}}\n")
    };
    let stack = stack().file("main.tf", text("hunter2"));
    stack.plan().ends_with(2).says("(sensitive").never_says("hunter2");
    stack.apply().succeeds().never_says("hunter2");
    stack.write("main.tf", text("hunter3"));
    stack.plan().ends_with(2).never_says("hunter");
    stack.run(&["plan", "-full"]).succeeds().never_says("hunter");
    stack.apply().succeeds().never_says("hunter");
    stack.run(&["show"]).succeeds().never_says("hunter");
    stack.run(&["state", "show", "local_sensitive_file.a"]).succeeds().never_says("hunter");
    stack.write("main.tf", "");
    stack.destroy().succeeds().never_says("hunter");

    let leak = "output \"x\" {\n  value = local_sensitive_file.a.content\n}\n";
    stack.write("main.tf", text("hunter2") + leak);
    stack.plan().fails().says("Output refers to sensitive values").never_says("hunter2");
}

#[test]
fn arguments_that_do_not_go_together() {
    let stack = stack().file(
        "main.tf",
        "resource \"local_file\" \"none\" {\n  filename = \"a\"\n}\n\
         resource \"local_file\" \"two\" {\n  filename = \"b\"\n  content = \"x\"\n  source = \"y\"\n}\n\
         resource \"local_sensitive_file\" \"mode\" {\n  filename = \"c\"\n  content = \"x\"\n  file_permission = \"0888\"\n}\n\
         resource \"local_sensitive_file\" \"base64\" {\n  filename = \"d\"\n  content_base64 = \"not base64\"\n}\n",
    );
    assert_snapshot!(stack.plan().fails().text(), @r#"
    Error: Invalid Attribute Combination
     --> main.tf:1:1
      |
    1 | resource "local_file" "none" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      None of `content`, `sensitive_content`, `content_base64`, `source` is given. Give exactly one of
      them.

    Error: Invalid Attribute Combination
     --> main.tf:7:12
      |
    4 | resource "local_file" "two" {
    ...
    7 |   source = "y"
      |            ^^^

      Only one of `content`, `sensitive_content`, `content_base64`, `source` can be given. Remove the
      others.

    Error: Invalid File Permission String Value
      --> main.tf:12:21
       |
     9 | resource "local_sensitive_file" "mode" {
    ...
    12 |   file_permission = "0888"
       |                     ^^^^^^

      "0888" is no file permission. Write three or four octal digits, at most "0777", such as "0644":
      for the owner, the group and others the sum of 4 (read), 2 (write) and 1 (execute).

    Error: Invalid argument
      --> main.tf:16:20
       |
    14 | resource "local_sensitive_file" "base64" {
    15 |   filename = "d"
    16 |   content_base64 = "not base64"
       |                    ^^^^^^^^^^^^

      This is not standard base64. Build it with `base64encode(...)` or `filebase64(...)`.
    "#);
    assert_eq!(stack.files(), ["main.tf"]);
}

#[test]
fn what_the_disk_refuses() {
    let stack = stack().file("plain", "x").file(
        "main.tf",
        "resource \"local_file\" \"a\" {\n  filename = \"plain/a\"\n  content = \"x\"\n}\n\
         resource \"local_file\" \"b\" {\n  filename = \"b\"\n  source = \"nothing\"\n}\n",
    );
    stack
        .apply()
        .fails()
        .says("Create local file error")
        .says("The file \"plain/a\" cannot be written: Not a directory")
        .says("`source` \"nothing\" cannot be read: No such file or directory");
    stack.write("main.tf", "data \"local_file\" \"a\" {\n  filename = \"nothing\"\n}\n");
    stack.plan().fails().says("Read local file data source error").says("\"nothing\" cannot be read");
}

#[test]
fn a_file_made_by_a_run_that_died_is_taken_over() {
    let stack = stack().file("main.tf", ONE);
    stack.apply().succeeds();
    let state = stack.read("terraform.tfstate");
    stack.write("main.tf", format!("{ONE}resource \"terraform_data\" \"b\" {{\n  input = local_file.a.id\n}}\n"));
    stack.apply().succeeds();
    // The state of before: the file is there, and writing it again gives the same object.
    stack.write("terraform.tfstate", state);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}
