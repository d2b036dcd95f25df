//! Values that must not be shown, in what services make of them.

use crate::support::stack::stack;

const TAGGED: &str = r#"
variable "secret" {
  default   = "hunter2-of-aws"
  sensitive = true
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main", Token = var.secret }
}
"#;

#[test]
fn a_tag_with_a_secret_is_hidden_among_all_tags() {
    let output = "output \"tags\" {\n  value     = aws_vpc.main.tags_all\n  sensitive = true\n}\n";
    let stack = stack().aws().unchecked().file("main.tf", format!("{TAGGED}{output}"));
    stack.plan().ends_with(2).never_says("hunter2").says("\"main\"");
    stack.apply().succeeds().never_says("hunter2");
    stack.run(&["show"]).succeeds().never_says("hunter2");
    stack.assert_nothing_to_do();
    stack.write("main.tf", TAGGED.replace("\"main\",", "\"other\","));
    stack.plan().ends_with(2).never_says("hunter2");
    stack.apply().succeeds().never_says("hunter2");
    stack.destroy().succeeds().never_says("hunter2");
    // Who shows all tags has to say that they are secret.
    let shown = output.replace("  sensitive = true\n", "");
    stack.write("main.tf", format!("{TAGGED}{shown}"));
    stack.plan().fails().says("sensitive").never_says("hunter2");
}

const NAMED: &str = r#"
variable "secret" {
  default   = "Hunter2-of-aws.example.test"
  sensitive = true
}

resource "aws_route53_zone" "main" {
  name = "example.test"
}

resource "aws_route53_record" "main" {
  zone_id = aws_route53_zone.main.zone_id
  name    = var.secret
  type    = "A"
  ttl     = 60
  records = ["192.0.2.1"]
}

resource "aws_cloudwatch_log_group" "main" {
  name = "/${lower(var.secret)}"
}
"#;

#[test]
fn a_name_that_is_secret_is_hidden_also_where_it_is_spelled_otherwise() {
    let stack = stack().aws().unchecked().file("main.tf", NAMED);
    let plan = stack.plan().ends_with(2);
    assert!(!plan.text().to_lowercase().contains("hunter2"), "{}", plan.raw());
    let made = stack.apply().succeeds();
    assert!(!made.text().to_lowercase().contains("hunter2"), "{}", made.raw());
    stack.assert_nothing_to_do();
    // In the way of what is made again.
    std::fs::remove_file(stack.path("terraform.tfstate")).unwrap();
    let taken = stack.with_flags(&["apply", "-auto-approve", "-target=aws_cloudwatch_log_group.main"]).fails();
    assert!(!taken.text().to_lowercase().contains("hunter2"), "{}", taken.raw());
    assert!(taken.text().contains("glaz import aws_cloudwatch_log_group.main '(sensitive value)'"), "{}", taken.raw());
}

/// As in Terraform: what comes out of an object is as sensitive as its type says, whatever goes in.
#[test]
fn nothing_that_is_sensitive_makes_nothing_else_so() {
    let text = "variable \"v\" {\n  sensitive = true\n  default   = null\n}\nresource \"terraform_data\" \"x\" {\n  input = var.v\n}\noutput \"o\" {\n  value = terraform_data.x.output == null\n}\n";
    let stack = stack().file("main.tf", text);
    stack.apply().succeeds().says("o = true");
    let instance = &stack.state()["resources"][0]["instances"][0];
    let expected = serde_json::json!([[{ "type": "get_attr", "value": "input" }]]);
    assert_eq!(instance["sensitive_attributes"], expected);
}

#[test]
fn default_tags_and_what_aws_makes_of_a_name_are_hidden() {
    let files = |value: &str| {
        format!(
            "variable \"secret\" {{\n  default   = \"hunter2-of-aws\"\n  sensitive = true\n}}\nprovider \"aws\" {{\n  default_tags {{\n    tags = {{ Owner = var.secret, Team = \"a\" }}\n  }}\n}}\nresource \"aws_cloudwatch_log_group\" \"main\" {{\n  name              = \"/${{var.secret}}\"\n  retention_in_days = {value}\n}}\n"
        )
    };
    let stack = stack().aws().unchecked().file("main.tf", files("7"));
    stack.plan().ends_with(2).never_says("hunter2").says("Team");
    stack.apply().succeeds().never_says("hunter2");
    stack.run(&["show"]).succeeds().never_says("hunter2").says("log-group:(sensitive value)");
    stack.run(&["state", "show", "aws_cloudwatch_log_group.main"]).succeeds().never_says("hunter2");
    stack.assert_nothing_to_do();
    stack.write("main.tf", files("14"));
    stack.plan().ends_with(2).never_says("hunter2");
    stack.apply().succeeds().never_says("hunter2");
    stack.destroy().succeeds().never_says("hunter2");
}
