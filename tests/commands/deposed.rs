//! Objects that a failed replacement left behind.

use crate::support::stack::stack;

fn files(trigger: u8, command: &str) -> String {
    format!(
        "resource \"terraform_data\" \"a\" {{\n  triggers_replace = {trigger}\n  lifecycle {{\n    create_before_destroy = true\n  }}\n  provisioner \"local-exec\" {{\n    command = \"{command}\"\n  }}\n}}\n"
    )
}

#[test]
fn what_is_left_behind_goes_with_the_next_replacement() {
    let stack = stack().file("main.tf", files(1, "true"));
    stack.apply().succeeds();
    stack.write("main.tf", files(2, "exit 1"));
    stack.apply().fails();
    let instances = |state: &serde_json::Value| state["resources"][0]["instances"].as_array().unwrap().clone();
    assert_eq!(instances(&stack.state()).len(), 2, "the old object is deposed, the new one tainted");
    stack.write("main.tf", files(2, "true"));
    stack.apply().succeeds().says("1 added, 0 changed, 2 destroyed");
    let left = instances(&stack.state());
    assert_eq!(left.len(), 1);
    assert!(left[0].get("deposed").is_none() && left[0].get("status").is_none());
    stack.assert_nothing_to_do();
}

/// Names come back before what was replaced under them is gone: who is in the way is told, and not that nobody knows it.
#[test]
fn who_is_in_the_way_of_a_name_is_told() {
    let group = |label: &str| format!("resource \"aws_cloudwatch_log_group\" \"{label}\" {{\n  name = \"/main\"\n}}\n");
    let stack = stack().aws().unchecked().file("main.tf", group("one"));
    stack.apply().succeeds();
    stack.write("main.tf", group("one") + &group("two"));
    let refused = stack.apply().fails().says("aws_cloudwatch_log_group.one in the state.");
    refused.never_says("is not in the state");
}
