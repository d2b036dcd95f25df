//! Modules through the CLI configuration, from Mercurial repositories and from buckets; and `glaz modules`.

use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;

use crate::support::stack::stack;
use crate::support::web::{Reply, Web, authority};

/// The one version of `acme/net/aws` of a registry whose services nobody can discover.
fn hidden_registry() -> Web {
    let web = Web::secure();
    let versions = Reply::ok(r#"{"modules": [{"versions": [{"version": "1.0.0"}]}]}"#).only_for("Bearer s3cret");
    web.reply("/own/acme/net/aws/versions", versions);
    web.reply("/own/acme/net/aws/1.0.0/download", Reply::header(204, "X-Terraform-Get", web.url("/p.zip")));
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("main.tf", zip::write::SimpleFileOptions::default()).unwrap();
    web.reply("/p.zip", Reply::ok(archive.finish().unwrap().into_inner()));
    web
}

#[test]
fn the_cli_configuration_says_where_a_registry_is_and_with_which_token() {
    let web = hidden_registry();
    let call = "module \"net\" {\n  source  = \"registry.example.com/acme/net/aws\"\n  version = \"~> 1.0\"\n}\n";
    let settings = |token: &str| {
        format!(
            "credentials \"registry.example.com\" {{\n  token = \"{token}\"\n}}\nhost \"registry.example.com\" {{\n  services = {{ \"modules.v1\" = \"{}\" }}\n}}\n",
            web.url("/own")
        )
    };
    let stack = stack().env("SSL_CERT_FILE", authority().to_str().unwrap()).file("main.tf", call);
    stack.write("../home/.terraformrc", settings("wr0ng"));
    stack.run(&["init"]).fails().says("TF_TOKEN_registry_example_com").never_says("wr0ng");
    stack.write("../home/.terraformrc", "credentials \"registry.example.com\" {\n  token = [\"s3cret\"]\n}\n");
    stack.run(&["init"]).fails().says("Error: Invalid CLI configuration").never_says("s3cret");
    stack.write("../home/.terraformrc", settings("s3cret"));
    stack.run(&["init"]).succeeds().never_says("s3cret");
    assert_snapshot!(stack.run(&["modules"]).succeeds().text().trim_start(), @r#"
    Modules declared by configuration:
    .
    └── "net"[registry.example.com/acme/net/aws] 1.0.0 (~> 1.0)
    "#);
    let said = stack.run(&["modules", "-json"]).succeeds().out;
    assert_eq!(
        said,
        "{\"format_version\":\"1.0\",\"modules\":[{\"key\":\"net\",\"source\":\"registry.example.com/acme/net/aws\",\"version\":\"1.0.0\"}]}\n"
    );
}

#[test]
fn modules_in_modules_and_none() {
    let stack = stack();
    assert_eq!(stack.run(&["modules"]).succeeds().out, "No modules found in configuration.\n");
    assert_eq!(stack.run(&["modules", "-json"]).succeeds().out, "{\"format_version\":\"1.0\",\"modules\":null}\n");
    stack.write("main.tf", "module \"x\" {\n  source = \"./a\"\n}\nmodule \"y\" {\n  source = \"./b\"\n}\n");
    stack.write("a/main.tf", "module \"z\" {\n  source = \"../b\"\n}\n");
    stack.write("b/main.tf", "");
    assert_snapshot!(stack.run(&["modules"]).succeeds().text().trim_start(), @r#"
    Modules declared by configuration:
    .
    ├── "x"[./a]
    │   └── "z"[../b]
    └── "y"[./b]
    "#);
}

/// Stands in for hg: a clone is an empty folder, a revision one file of the repository.
const HG: &str = r#"#!/bin/sh
[ "$1 $2 $3" = "--noninteractive --config ui.merge=:other" ] || exit 9
shift 3
case "$1" in
  clone) [ "$2 $3" = "--noupdate --" ] && mkdir -p "$5/.hg" ;;
  --cwd) cd "$2" || exit 1
    case "$3" in
      update) [ -f "../../../../../repo/$6.rev" ] || { echo "abort: unknown revision '$6'" >&2; exit 255; }
        cp "../../../../../repo/$6.rev" main.tf ;;
      log) if grep -q two main.tf; then echo 2222222222222222222222222222222222222222; else echo 1111111111111111111111111111111111111111; fi ;;
    esac ;;
esac
"#;

#[test]
fn mercurial_repositories_are_cloned_and_pinned() {
    let stack = stack().env("PATH", "/usr/bin:/bin");
    let repo = stack.path("../repo").canonicalize().unwrap_or_else(|_| stack.path("../repo"));
    let output = |value: &str| format!("output \"v\" {{\n  value = \"{value}\"\n}}\n");
    stack.write("../repo/default.rev", output("one"));
    stack.write("../repo/1111111111111111111111111111111111111111.rev", output("one"));
    stack.write("../repo/v2.rev", output("two"));
    let call = |query: &str| {
        format!(
            "module \"m\" {{\n  source = \"hg::file://{}{query}\"\n}}\noutput \"v\" {{\n  value = module.m.v\n}}\n",
            repo.display()
        )
    };
    stack.write("main.tf", call(""));
    stack.run(&["init"]).fails().says("hg cannot be run");
    stack.write("../bin/hg", HG);
    std::fs::set_permissions(stack.path("../bin/hg"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let stack = stack.env("PATH", &format!("{}:/usr/bin:/bin", repo.parent().unwrap().join("bin").display()));
    stack.apply().succeeds().says("v = \"one\"");
    assert!(stack.read(".glaz.lock.hcl").contains("commit = \"1111111111111111111111111111111111111111\""));
    assert!(!stack.path(".terraform/modules/m/.hg").exists());
    stack.write("../repo/default.rev", output("other"));
    std::fs::remove_dir_all(stack.path(".terraform")).unwrap();
    stack.apply().succeeds().says("v = \"one\"");
    stack.write("main.tf", call("?rev=v2"));
    stack.apply().succeeds().says("v = \"two\"");
    stack.write("main.tf", call("?rev=v3"));
    stack.plan().fails().says("unknown revision 'v3'");
}

#[cfg(feature = "s3")]
#[test]
fn modules_in_buckets() {
    let stack = stack().aws();
    let endpoint = stack.emulator().url();
    let object = |key: &str, bytes: &[u8]| {
        let request = glaz::http::Request {
            method: "PUT".to_owned(),
            body: Some(bytes.to_vec()),
            ..glaz::http::Request::get(format!("{endpoint}/modules{key}"))
        };
        let environment = std::collections::BTreeMap::new();
        let client = glaz::http::Client::new(glaz::http::Settings::from_environment(&environment, "test"));
        let request =
            request.header("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request");
        let answer = client.send(&request).unwrap();
        assert!(answer.is_success(), "{} {}", answer.status, String::from_utf8_lossy(&answer.body));
    };
    let output = |value: &str| format!("output \"v\" {{\n  value = \"{value}\"\n}}\n");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("main.tf", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, output("zipped").as_bytes()).unwrap();
    object("", b"");
    object("/a/x.zip", &archive.finish().unwrap().into_inner());
    object("/folder/main.tf", output("plain").as_bytes());
    object("/folder/sub/main.tf", output("below").as_bytes());
    let call = |path: &str| {
        format!(
            "module \"m\" {{\n  source = \"s3::{endpoint}/modules/{path}\"\n}}\noutput \"v\" {{\n  value = module.m.v\n}}\n"
        )
    };
    for (path, value) in [("a/x.zip", "zipped"), ("folder", "plain"), ("folder//sub?region=eu-west-1", "below")] {
        stack.write("main.tf", call(path));
        stack.apply().succeeds().says(&format!("v = \"{value}\""));
    }
    for (path, why) in [("a/y.zip", "has no object a/y.zip"), ("nothing", "and the bucket modules holds nothing below")]
    {
        stack.write("main.tf", call(path));
        stack.plan().fails().says("Error: Failed to download module").says(why);
    }
}
