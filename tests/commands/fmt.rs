//! `glaz fmt` on trees of files and on standard input.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::stack::{Stack, stack};

const UGLY: &str = "a=1\nlong=2 # x\n";
const FORMATTED: &str = "a    = 1\nlong = 2 # x\n";

fn tree() -> Stack {
    stack()
        .file("main.tf", UGLY)
        .file("good.tf", FORMATTED)
        .file("dev.tfvars", UGLY)
        .file("x.tftest.hcl", UGLY)
        .file("x.tfmock.hcl", UGLY)
        .file("other.hcl", UGLY)
        .file("main.tf.json", "{ }")
        .file(".hidden.tf", UGLY)
        .file("backup.tf~", UGLY)
        .file("below/sub.tf", UGLY)
        .file("below/deep/deep.tf", UGLY)
        .file(".terraform/modules/m.tf", UGLY)
}

#[test]
fn the_folder_and_nothing_else() {
    let stack = tree();
    let changed = "dev.tfvars\nmain.tf\nx.tfmock.hcl\nx.tftest.hcl\n";
    assert_eq!(stack.run(&["fmt", "-check"]).ends_with(3).out, changed);
    assert_eq!(stack.read("main.tf"), UGLY, "-check writes nothing");
    assert_eq!(stack.run(&["fmt", "-check", "-list=false"]).ends_with(3).out, "");
    assert_eq!(stack.run(&["fmt", "-write=false"]).succeeds().out, changed);
    assert_eq!(stack.run(&["fmt"]).succeeds().out, changed);
    assert_eq!(stack.run(&["fmt"]).succeeds().out, "");
    stack.run(&["fmt", "-check"]).succeeds();
    for name in ["main.tf", "good.tf", "dev.tfvars", "x.tftest.hcl", "x.tfmock.hcl"] {
        assert_eq!(stack.read(name), FORMATTED, "{name}");
    }
    for name in ["other.hcl", ".hidden.tf", "backup.tf~", "below/sub.tf", "below/deep/deep.tf"] {
        assert_eq!(stack.read(name), UGLY, "{name}");
    }
}

#[test]
fn folders_below_and_named_files() {
    let stack = tree();
    let all = "below/deep/deep.tf\nbelow/sub.tf\ndev.tfvars\nmain.tf\nx.tfmock.hcl\nx.tftest.hcl\n";
    assert_eq!(stack.run(&["fmt", "-recursive", "-check"]).ends_with(3).out, all);
    assert_eq!(stack.run(&["fmt", "./below", "main.tf"]).succeeds().out, "below/sub.tf\nmain.tf\n");
    assert_eq!(stack.run(&["fmt", "-recursive=true", "below/"]).succeeds().out, "below/deep/deep.tf\n");
    let path = stack.path("dev.tfvars");
    assert_eq!(stack.run(&["fmt", path.to_str().unwrap()]).succeeds().out, "dev.tfvars\n");
    assert_eq!(stack.read(".terraform/modules/m.tf"), UGLY);
}

#[test]
fn files_that_cannot_be_formatted_stay() {
    let stack = stack().file("a.tf", UGLY).file("b.tf", "a=\n").file("c.tf", b"a=\"\xff\"\n").file("d.tf", UGLY);
    let output = stack.run(&["fmt"]).ends_with(2).says("Invalid expression").says("Invalid character encoding");
    assert_eq!(output.out, "a.tf\nd.tf\n", "the others are formatted all the same");
    assert_eq!(stack.read("b.tf"), "a=\n");
    assert_eq!(std::fs::read(stack.path("c.tf")).unwrap(), b"a=\"\xff\"\n");
    stack.run(&["fmt", "-check", "b.tf"]).ends_with(2);
    stack.run(&["fmt", "nowhere.tf"]).ends_with(2).says("No file or directory");
    stack.write("x.txt", UGLY);
    stack.run(&["fmt", "x.txt"]).ends_with(2).says("can be processed");
    std::os::unix::fs::symlink("nowhere.tf", stack.path("e.tf")).unwrap();
    stack.run(&["fmt", "."]).ends_with(2).says("Failed to read file");
}

#[test]
fn modes_and_links_stay() {
    let stack = stack().file("a.tf", UGLY).file("real/b.tf", UGLY);
    std::fs::set_permissions(stack.path("a.tf"), std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real/b.tf", stack.path("b.tf")).unwrap();
    std::os::unix::fs::symlink(".", stack.path("circle")).unwrap();
    assert_eq!(stack.run(&["fmt", "-recursive"]).succeeds().out, "a.tf\nb.tf\n");
    assert_eq!(stack.path("a.tf").metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert!(stack.path("b.tf").is_symlink());
    assert_eq!(stack.read("real/b.tf"), FORMATTED);
    assert_eq!(stack.files(), ["a.tf", "b.tf", "circle", "real"], "nothing is left behind");
}

#[test]
fn the_difference() {
    let stack = stack().file("a.tf", UGLY);
    let diff = "--- old/a.tf\n+++ new/a.tf\n@@ -1,2 +1,2 @@\n-a=1\n-long=2 # x\n+a    = 1\n+long = 2 # x\n";
    let run = |args: &[&str]| stack.run(&[&["fmt", "-diff"], args].concat());
    assert_eq!(run(&["-write=false"]).succeeds().out, format!("a.tf\n{diff}"));
    assert_eq!(run(&["-check", "-list=false"]).ends_with(3).out, diff);
    assert_eq!(stack.read("a.tf"), UGLY);
}

#[test]
fn standard_input() {
    let stack = stack();
    let run = |text: &str, flags: &str| {
        stack.write("in", text);
        stack.start_shell(&format!("\"$glaz\" fmt {flags} - <in")).wait()
    };
    assert_eq!(run(UGLY, "").succeeds().out, FORMATTED);
    assert_eq!(run("a=1", "").succeeds().out, "a = 1\n");
    assert_eq!(run("", "").succeeds().out, "\n");
    assert_eq!(run(UGLY, "-check").ends_with(3).out, "");
    assert_eq!(run(FORMATTED, "-check").succeeds().out, "");
    assert!(run(UGLY, "-diff").succeeds().out.starts_with("--- old/<stdin>\n+++ new/<stdin>\n@@ -1,2 +1,2 @@\n"));
    let refused = run("a=\n", "").ends_with(2).says("<stdin>:1");
    assert_eq!(refused.out, "");
}
