//! Which state is meant: the same bucket said otherwise, and files that are named beside it.

use crate::support::bucket::{BOTH, block, keys, object, remote_with};
use crate::support::stack::Stack;

fn remote(more: &str) -> Stack {
    remote_with("resource \"terraform_data\" \"a\" {\n  input = 1\n}\n", more)
}

#[test]
fn the_same_place_written_otherwise_is_not_moved() {
    let stack = remote(BOTH);
    stack.apply().succeeds();
    let (url, before) = (stack.emulator().url(), object(&stack, "a/state"));
    // What the environment said until now, in the block; under the older name; of other services too; AWS's way to say it.
    for more in [
        format!("endpoints = {{ s3 = \"{url}\" }}"),
        format!("endpoint = \"{url}/\""),
        format!("endpoints = {{ s3 = \"{url}\", dynamodb = \"{url}\", sts = \"{url}\" }}"),
        "use_dualstack_endpoint = false".to_owned(),
    ] {
        stack.write("backend.tf", block(&format!("{BOTH}\n    {more}")));
        stack.run(&["init"]).fails().says("Error: Backend configuration changed");
        stack.run(&["init", "-migrate-state", "-force-copy"]).succeeds().never_says("Moved");
        stack.assert_nothing_to_do();
        assert_eq!((keys(&stack), object(&stack, "a/state")), (vec!["a/state".to_owned()], before.clone()));
    }
}

#[test]
fn a_named_file_is_not_taken_in_place_of_the_bucket() {
    let stack = remote("use_lockfile = true");
    stack.apply().succeeds();
    let before = object(&stack, "a/state");
    stack.write("other.tfstate", &before);
    let changing: [&[&str]; 9] = [
        &["plan"],
        &["apply", "-auto-approve"],
        &["destroy", "-auto-approve"],
        &["refresh"],
        &["console"],
        &["taint", "terraform_data.a"],
        &["untaint", "terraform_data.a"],
        &["import", "terraform_data.a", "x"],
        &["state", "push", "other.tfstate"],
    ];
    for command in changing {
        for file in ["-state=other.tfstate", "-state=new.tfstate"] {
            let refused = stack.run(&[command, &[file]].concat()).fails();
            refused.says("Error: Invalid command line options: -state").says("Leave -state out");
        }
    }
    stack.with_flags(&["apply", "-auto-approve", "-backup=kept"]).fails().says("options: -backup");
    stack.run(&["taint", "-backup=kept", "terraform_data.a"]).fails().says("options: -backup");
    let (a, b) = ("terraform_data.a", "terraform_data.b");
    stack.run(&["state", "mv", "-backup=kept", a, b]).fails().says("glaz state pull");
    stack.run(&["state", "rm", "-backup=kept", a]).fails().says("options: -backup");
    assert_eq!((object(&stack, "a/state"), stack.read("other.tfstate")), (before.clone(), before.clone()));
    assert!(!stack.path("new.tfstate").exists() && !stack.path("kept").exists());
    // Files are read, and changed by what changes any file; no backup is a wish that a bucket fulfils.
    stack.run(&["state", "list", "-state=other.tfstate"]).succeeds().says(a);
    stack.run(&["state", "mv", "-state=other.tfstate", "-backup=kept", a, b]).succeeds();
    stack.run(&["state", "list", "-state=other.tfstate"]).succeeds().says(b);
    stack.with_flags(&["apply", "-auto-approve", "-backup=-"]).succeeds();
    stack.run(&["state", "mv", "-state-out=other.tfstate", "-backup-out=before", a, a]).succeeds();
    assert!(stack.read("other.tfstate").contains("\"a\"") && stack.path("kept").exists());
    assert!(stack.path("before").exists() && !object(&stack, "a/state").contains("terraform_data"));
}
