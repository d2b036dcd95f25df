//! States and plans in envelopes: what is said when the key or the file is gone, and how a copy is put back.

use crate::support::stack::{Stack, stack};

const BLOCK: &str = "terraform {\n  encryption {\n    key_provider \"pbkdf2\" \"k\" {\n      passphrase = \"a passphrase of some length\"\n      iterations = 200000\n    }\n    method \"aes_gcm\" \"m\" {\n      keys = key_provider.pbkdf2.k\n    }\n    state {\n      method = method.aes_gcm.m\n    }\n    plan {\n      method = method.aes_gcm.m\n    }\n  }\n}\n";

fn resource(input: &str) -> String {
    format!("resource \"terraform_data\" \"a\" {{\n  input = \"{input}\"\n}}\n")
}

/// A state whose backup is another one.
fn applied() -> Stack {
    let stack = stack().file("main.tf", resource("one")).file("secret.tf", BLOCK);
    stack.apply().succeeds();
    stack.write("main.tf", resource("two"));
    stack.apply().succeeds();
    assert!(stack.read("terraform.tfstate").contains("encrypted_data"));
    stack
}

#[test]
fn a_whole_state_is_not_replaced_by_its_backup() {
    let stack = applied();
    std::fs::remove_file(stack.path("secret.tf")).unwrap();
    stack.plan().fails().says("Error: The state is encrypted").never_says("backup");
    stack.write("terraform.tfstate", "{\"version\":4,\"serial\":9,\"lineage\":\"l\"}");
    stack.write("secret.tf", BLOCK);
    stack.plan().fails().says("Unencrypted content where encryption is configured").never_says("backup");
}

#[test]
fn half_an_envelope_is_cut_off() {
    let stack = applied();
    let text = stack.read("terraform.tfstate");
    for length in [text.len() / 2, 60] {
        stack.write("terraform.tfstate", &text[..length]);
        let output = stack.plan().fails().says("Error: The state is cut off").never_says("ncrypt");
        output.says("The backup holds the state before the last change");
    }
    stack.write("terraform.tfstate", [0_u8; 100]);
    stack.plan().fails().says("Error: The state is damaged").never_says("ncrypt");
    stack.write("terraform.tfstate", &text);

    stack.run(&["plan", "-out=p"]).succeeds();
    let plan = stack.read("p");
    stack.write("p", &plan[..plan.len() / 2]);
    stack.run(&["apply", "p"]).fails().says("p is cut off or damaged").never_says("ncrypt");
}

#[test]
fn a_copy_is_put_back_and_copied() {
    let stack = applied();
    let (text, before) = (stack.read("terraform.tfstate"), stack.run(&["state", "pull"]).succeeds().out);
    stack.write("copy", &text);
    stack.write("main.tf", resource("three"));
    stack.apply().succeeds();
    stack.run(&["state", "push", "-force", "copy"]).succeeds();
    assert_eq!(stack.run(&["state", "pull"]).succeeds().out, before);
    assert!(stack.read("terraform.tfstate").contains("encrypted_data"));
    // What was pulled is in clear, and goes back into an envelope.
    stack.write("clear", before.replace("\"serial\": 2", "\"serial\": 7"));
    stack.run(&["state", "push", "clear"]).succeeds();
    assert!(stack.run(&["state", "pull"]).succeeds().out.contains("\"serial\": 7"));
    assert!(stack.read("terraform.tfstate").contains("encrypted_data"));

    stack.run(&["workspace", "new", "-state=copy", "eu"]).succeeds();
    stack.run(&["state", "list"]).succeeds().says("terraform_data.a");
    assert!(stack.read("terraform.tfstate.d/eu/terraform.tfstate").contains("encrypted_data"));
    std::fs::remove_file(stack.path("secret.tf")).unwrap();
    stack.run(&["workspace", "select", "default"]).succeeds();
    stack.run(&["state", "push", "copy"]).fails().says("copy is encrypted");
}
