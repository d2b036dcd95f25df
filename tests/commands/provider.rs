//! The `provider "aws"` block: whose account, which region, and what is said when something is missing.

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
