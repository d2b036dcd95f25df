//! Stack files in JSON, from the command line.

use crate::support::stack::stack;

#[test]
fn everything_in_json() {
    let stack = stack()
        .file(
            "main.tf.json",
            r#"{
  "//": "a comment",
  "terraform": {"required_version": ">= 1.0", "required_providers": {"random": {"source": "hashicorp/random"}}},
  "variable": {
    "sizes": {"type": "map(number)", "default": {"a": 1, "b": 2}, "validation": [
      {"condition": "${length(var.sizes) > 0}", "error_message": "none"}
    ]},
    "text": {"default": "${not a template}"}
  },
  "locals": [{"total": "${sum(values(var.sizes))}"}, {"twice": "${local.total * 2}"}],
  "provider": {"random": {}},
  "resource": [
    {"terraform_data": {
      "each": {"for_each": "${var.sizes}", "input": {"//": "kept", "${each.key}": "${each.value}"}},
      "last": {
        "count": 1,
        "input": "total is ${local.twice}",
        "depends_on": ["terraform_data.each"],
        "lifecycle": {"ignore_changes": ["triggers_replace"], "replace_triggered_by": ["terraform_data.each[\"a\"]"]},
        "provisioner": [{"local-exec": {"command": "echo ${self.output} > out.txt"}}]
      }
    }},
    {"random_string": {"s": {"length": 4, "provider": "random"}}}
  ],
  "module": {"m": {"source": "./m", "text": "${var.text}", "providers": {"random": "random"}}},
  "check": {"c": {"assert": {"condition": "${local.total == 3}", "error_message": "no"}}},
  "output": {
    "each": {"value": "${[for one in terraform_data.each : one.output]}"},
    "module": {"value": "${module.m.text}"},
    "large": {"value": 12345678901234567890.5}
  }
}"#,
        )
        .file("m/main.tf.json", r#"{"variable": {"text": {}}, "output": {"text": {"value": "<${var.text}>"}}}"#);
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert_eq!(stack.read("out.txt"), "total is 6\n");
    let outputs: serde_json::Value = serde_json::from_str(&stack.run(&["output", "-json"]).succeeds().out).unwrap();
    assert_eq!(outputs["each"]["value"][0], serde_json::json!({"//": "kept", "a": 1}));
    assert_eq!(outputs["module"]["value"], "<${not a template}>");
    stack.run(&["output", "large"]).succeeds().says("12345678901234567890.5");
}

#[test]
fn both_syntaxes_override_each_other() {
    let stack = stack()
        .file("main.tf", "variable \"v\" {\n  default = 1\n}\n\noutput \"v\" {\n  value = var.v\n}\n")
        .file("more.tf.json", r#"{"output": {"w": {"value": "w ${var.v}"}}}"#)
        .file("a_override.tf.json", r#"{"variable": {"v": {"default": 2}}}"#)
        .file("b_override.tf", "output \"w\" {\n  value = \"W ${var.v}\"\n}\n");
    stack.apply().succeeds().says("v = 2").says("w = \"W 2\"");
}

#[test]
fn values_of_variables_in_json() {
    let stack = stack()
        .file("main.tf", "variable \"a\" {}\nvariable \"b\" {}\nvariable \"c\" {}\noutput \"o\" {\n  value = [var.a, var.b, var.c]\n}\n")
        .file("terraform.tfvars", "a = \"tfvars\"\nb = \"tfvars\"\nc = \"tfvars\"\n")
        .file("terraform.tfvars.json", r#"{"//": "x", "b": "${json}", "c": "json"}"#)
        .file("a.auto.tfvars.json", r#"{"c": ["auto"]}"#);
    stack.apply().succeeds().says("\"tfvars\",").says("\"${json}\",").says("\"auto\",");
    stack.write("a.auto.tfvars.json", "{\"c\": [1,\n  tru]}");
    insta::assert_snapshot!(stack.plan().fails().text(), @r#"
    Error: Invalid JSON keyword
     --> a.auto.tfvars.json:2:3
      |
    2 |   tru]}
      |   ^^^

      JSON has no word "tru". Did you mean true?
    "#);
}

#[test]
fn mistakes_point_at_the_json_text() {
    let stack = stack().file(
        "main.tf.json",
        r#"{
  "resource": {"terraform_data": {"a": {
    "inptu": 1,
    "input": "tab\t${local.nope}"
  }}},
  "output": {"o": {"value": "${1 + \"x\"}"}}
}"#,
    );
    insta::assert_snapshot!(stack.run(&["validate"]).fails().text(), @r#"
    Error: Invalid operand
     --> main.tf.json:6:36
      |
    6 |   "output": {"o": {"value": "${1 + \"x\"}"}}
      |                                    ^^^^^

      Unsuitable value for right operand: a number is required.

    Error: Reference to undeclared local value
     --> main.tf.json:4:22
      |
    4 |     "input": "tab\t${local.nope}"
      |                      ^^^^^^^^^^

      There is no local value "nope" in the root module.
    "#);
    stack.write("main.tf.json", r#"{"output": {"o": {"value": 1},}}"#);
    insta::assert_snapshot!(stack.run(&["validate"]).fails().text(), @r#"
    Error: Trailing comma in object
     --> main.tf.json:1:30
      |
    1 | {"output": {"o": {"value": 1},}}
      |                              ^

      JSON has no comma behind the last property. Remove it.

    Error: Incorrect JSON value type
     --> main.tf.json:1:12
      |
    1 | {"output": {"o": {"value": 1},}}
      |            ^^^^^^^^^^^^^^^^^^^^

      An object is needed here whose properties are named like the output blocks.

    Error: Missing block label
     --> main.tf.json:1:12
      |
    1 | {"output": {"o": {"value": 1},}}
      |            ^^^^^^^^^^^^^^^^^^^^

      A property is needed here whose name is the name of the output block.
    "#);
    stack.write(
        "main.tf.json",
        r#"{"resource": {"terraform_data": {"a": {"input": "${self.id}", "provisioner": [{"nope": {}}]}}}}"#,
    );
    stack.run(&["validate"]).fails().says("Missing required provisioner plugin");
}
