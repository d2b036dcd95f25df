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
    output.says("BucketAlreadyOwnedByYou").says("glaz import aws_s3_bucket.it first");
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

#[test]
fn a_bucket_is_looked_up() {
    let bucket = "resource \"aws_s3_bucket\" \"it\" {\n  bucket = \"looked-up\"\n}\n";
    let read = "data \"aws_s3_bucket\" \"it\" {\n  bucket = \"looked-up\"\n}\noutput \"it\" {\n  value = data.aws_s3_bucket.it\n}\n";
    let stack = stack().unchecked().file("main.tf", read).aws();
    stack.plan().fails().says("There is no bucket looked-up in eu-west-1");
    stack.write("main.tf", bucket);
    stack.apply().succeeds();
    stack.write("main.tf", format!("{bucket}{read}"));
    stack.apply().succeeds();
    let found = || stack.state()["outputs"]["it"]["value"].clone();
    let same = stack.state();
    let resources = same["resources"].as_array().unwrap();
    let own = resources.iter().find(|one| one["mode"] == "managed").unwrap();
    let own = &own["instances"][0]["attributes"];
    for name in ["id", "arn", "bucket_domain_name", "bucket_regional_domain_name", "bucket_region", "hosted_zone_id"] {
        assert_eq!(found()[name], own[name], "{name}");
    }
    assert!(found()["website_endpoint"].is_null());
    let site = "<WebsiteConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>";
    let (status, answer) = stack.emulator().exchange("s3", "PUT", "/looked-up?website", site);
    assert_eq!(status, 200, "{answer}");
    stack.apply().succeeds();
    assert_eq!(found()["website_domain"], "s3-website-eu-west-1.amazonaws.com");
    assert_eq!(found()["website_endpoint"], "looked-up.s3-website-eu-west-1.amazonaws.com");
    // Who may not ask for the site finds the bucket all the same.
    stack.emulator().faults(r#"[{"service": "s3", "operation": "GetBucketWebsite", "kind": "deny"}]"#);
    stack.apply().succeeds();
    assert!(found()["website_endpoint"].is_null());
}
