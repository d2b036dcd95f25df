//! The `provider "aws"` block: whose account, which region, and what is said when something is missing.

use super::recovery::killed;
use crate::support::stack::{Stack, stack};

/// A stack that asks who it is, with this provider block.
fn asking(provider: &str) -> Stack {
    let identity = r#"
        data "aws_caller_identity" "me" {}
        output "arn" { value = data.aws_caller_identity.me.arn }
    "#;
    stack().aws().file("main.tf", format!("provider \"aws\" {{\n{provider}\n}}\n{identity}"))
}

#[test]
fn region_and_partition_need_no_call() {
    let text = r#"
        provider "aws" { region = "cn-north-1" }
        data "aws_region" "here" {}
        data "aws_partition" "here" {}
        output "here" {
          value = "${data.aws_region.here.region} ${data.aws_region.here.description} ${data.aws_partition.here.dns_suffix}"
        }
    "#;
    stack().file("main.tf", text).plan().ends_with(2).says("cn-north-1 China (Beijing) amazonaws.com.cn");
}

#[test]
fn roles_are_assumed_one_after_the_other() {
    asking(
        r#"
        assume_role {
          role_arn = "arn:aws:iam::111122223333:role/hub"
        }
        assume_role {
          role_arn            = "arn:aws:iam::444455556666:role/deploy"
          session_name        = "ci"
          duration            = "30m"
          tags                = { team = "web" }
          transitive_tag_keys = ["team"]
        }
        "#,
    )
    .plan()
    .ends_with(2)
    .says("arn:aws:sts::444455556666:assumed-role/deploy/ci");
}

#[test]
fn accounts_that_are_not_meant_are_refused() {
    asking(r#"allowed_account_ids = ["111122223333"]"#).plan().fails().says("not among `allowed_account_ids`");
    asking(r#"forbidden_account_ids = ["123456789012"]"#).plan().fails().says("`forbidden_account_ids`");
    asking(r#"allowed_account_ids = ["123456789012"]"#).plan().ends_with(2);
}

#[test]
fn what_is_missing_is_said() {
    let bare = || {
        let stack = asking("").without_env("AWS_ACCESS_KEY_ID").without_env("AWS_SECRET_ACCESS_KEY");
        stack.without_env("AWS_PROFILE")
    };
    bare().plan().fails().says("No AWS credentials were found");
    bare()
        .env("AWS_PROFILE", "prod")
        .plan()
        .fails()
        .says("no profile named `prod`")
        .says("aws configure --profile prod");
    asking("").without_env("AWS_REGION").plan().fails().says("No AWS region is set");
}

#[test]
fn a_profile_of_the_block_comes_before_the_environment() {
    let files = "[profile shop]\nregion = eu-north-1\naws_access_key_id = AKIASHOP\naws_secret_access_key = x\n";
    let text = r#"
        provider "aws" {
          profile             = "shop"
          shared_config_files = ["aws"]
        }
        data "aws_region" "here" {}
        output "here" { value = data.aws_region.here.region }
    "#;
    let stack = stack().aws().file("aws", files).file("main.tf", text).without_env("AWS_REGION");
    stack.plan().ends_with(2).says("eu-north-1");
}

#[test]
fn mistakes_in_the_block_are_found() {
    asking(r#"region = "eu-west1""#).plan().fails().says("does not look like an AWS region");
    asking("insecure = true").plan().fails().says("Certificates are always checked");
    asking(r#"access_key = "AKIA""#).plan().fails().says("`secret_key`");
    asking("endpoints {\n sts = \"localhost:4566\"\n }").plan().fails().says("must start with `https://` or `http://`");
}

/// A provider whose region is in a file that the stack makes, and a network of it.
fn fed(region: &str) -> String {
    format!(
        r#"
        resource "local_file" "region" {{
          filename = "${{path.module}}/region.txt"
          content  = "{region}"
        }}
        data "local_file" "region" {{
          filename = local_file.region.filename
        }}
        provider "aws" {{
          alias  = "fed"
          region = data.local_file.region.content
        }}
        resource "aws_vpc" "main" {{
          provider   = aws.fed
          cidr_block = "10.0.0.0/16"
        }}
        resource "aws_cloudwatch_log_group" "main" {{
          provider   = aws.fed
          name       = "/main"
          depends_on = [aws_vpc.main]
        }}
        "#
    )
}

/// What is there was made with what the provider was configured with then, whatever the files say now.
#[test]
fn what_feeds_a_provider_is_as_it_is_while_everything_is_deleted() {
    for flags in [&["destroy", "-auto-approve"][..], &["destroy", "-auto-approve", "-refresh=false"]] {
        let stack = stack().aws().unchecked().file("main.tf", fed("us-east-1"));
        stack.apply().succeeds();
        stack.write("main.tf", fed("us-west-2"));
        stack.with_flags(flags).succeeds().says("3 destroyed");
        stack.emulator().assert_empty();
    }
    let stack = stack().aws().unchecked().file("main.tf", fed("us-east-1"));
    stack.apply().succeeds();
    stack.write("main.tf", fed("us-west-2"));
    stack.with_flags(&["plan", "-destroy", "-out=gone"]).succeeds();
    stack.run(&["apply", "gone"]).succeeds().says("3 destroyed");
    stack.emulator().assert_empty();
}

#[test]
fn what_a_killed_run_left_is_looked_up_where_its_provider_led() {
    for goes_on in [
        &["destroy", "-auto-approve"][..],
        &["apply", "-auto-approve", "-rollback"],
        &["apply", "-auto-approve", "-replace=local_file.region"],
        &["apply", "-auto-approve"],
    ] {
        let stack = stack().aws().unchecked().file("main.tf", fed("us-east-1"));
        killed(&stack, &["apply", "-auto-approve", "-check=false"], "CreateLogGroup", true);
        if !goes_on.iter().any(|flag| flag.starts_with("-replace")) {
            stack.write("main.tf", fed("us-west-2"));
        }
        let output = stack.with_flags(goes_on).says("the interrupted run made /main; taken over");
        match goes_on.last() {
            Some(&"-rollback") => drop(output.fails().says("3 of the objects it made are deleted")),
            _ => drop(output.succeeds().never_says("glaz:step")),
        }
        if goes_on[0] == "apply" && !goes_on.contains(&"-rollback") {
            stack.destroy().succeeds();
        }
        stack.emulator().assert_empty();
    }
}
