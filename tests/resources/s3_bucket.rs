//! `aws_s3_bucket`.

use crate::support::cases::{Cases, run};
use crate::support::stack::stack;

#[test]
fn bucket() {
    run(&Cases {
        type_name: "aws_s3_bucket",
        setup: "",
        minimal: r#"bucket = "web-artifacts""#,
        full: &[
            r#"
            bucket              = "web-artifacts"
            force_destroy       = true
            object_lock_enabled = true
            acl                 = "private"
            tags                = { Name = "web" }
            "#,
            r#"bucket_prefix = "web-""#,
            "",
        ],
        changes: &[
            r#"
            bucket        = "web-artifacts"
            force_destroy = true
            tags          = { Name = "web", Env = "dev" }
            "#,
            r#"
            bucket = "web-artifacts"
            tags   = { Env = "prod" }
            "#,
            r#"bucket = "web-artifacts""#,
            r#"bucket = "web-files""#,
        ],
        import: Some("{bucket}"),
        import_ignores: &["force_destroy"],
    });
}

/// In us-east-1 the call that makes a bucket succeeds for one that is there, and must not be told where.
#[test]
fn a_bucket_in_the_first_region() {
    let text = |tags: &str| {
        format!(
            "provider \"aws\" {{\n  region = \"us-east-1\"\n}}\nresource \"aws_s3_bucket\" \"it\" {{\n  bucket = \"first\"\n{tags}}}\n"
        )
    };
    let stack = stack().file("main.tf", text("")).aws();
    stack.emulator().exchange("s3", "PUT", "/first", "");
    let output = stack.apply().fails();
    output.says("BucketAlreadyOwnedByYou").says("glaz import 'aws_s3_bucket.it' 'first'");
    stack.run(&["apply", "-auto-approve", "-adopt"]).succeeds();
    stack.assert_nothing_to_do();
    stack.write("main.tf", text("  tags = { a = \"b\" }\n"));
    stack.apply().succeeds();
    stack.destroy().succeeds();
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn what_has_a_type_of_its_own_is_refused() {
    let body = "bucket = \"web\"\n  acl = \"public-read\"\n  versioning {\n    enabled = true\n  }\n  website {\n    index_document = \"index.html\"\n  }";
    let stack =
        stack().unchecked().file("main.tf", format!("resource \"aws_s3_bucket\" \"it\" {{\n  {body}\n}}\n")).aws();
    let output = stack.plan().fails();
    output
        .says("a resource of its own, `aws_s3_bucket_versioning`")
        .says("and is not applied here; nor is there")
        .says("Write an `aws_s3_bucket_policy`");
}

/// An endpoint that has a name, and no names of buckets before it.
#[test]
fn the_bucket_may_stand_in_the_path() {
    let stack = stack().aws();
    let url = stack.emulator().url().replace("127.0.0.1", "localhost");
    stack.write("main.tf", format!("provider \"aws\" {{\n  region = \"eu-west-1\"\n  s3_use_path_style = true\n  endpoints {{\n    s3 = \"{url}\"\n  }}\n}}\nresource \"aws_s3_bucket\" \"it\" {{\n  bucket = \"in-the-path\"\n}}\n"));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
}
