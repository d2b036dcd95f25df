//! `archive_file`, resource and data source. The hashes of whole archives were made by the code of hashicorp/archive
//! 2.7 from the same files.

use std::io::Read as _;

use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

/// A folder with what archives trip over: an empty file, other letters, and a path too long for plain tar.
fn folder() -> Stack {
    let long = format!("src/{}/{}/f.txt", "p".repeat(80), "q".repeat(60));
    stack()
        .file("src/a.txt", "hello\n")
        .file("src/a/b.py", "print(1)\n".repeat(500))
        .file("src/empty", "")
        .file("src/deep/er/é.txt", "ünï")
        .file("src/node_modules/x/i.js", "x".repeat(100_000))
        .file(&long, "pp")
}

fn attributes(stack: &Stack, at: usize) -> serde_json::Value {
    stack.state()["resources"][at]["instances"][0]["attributes"].clone()
}

/// Applies a data source with these arguments; the SHA-256 of the archive.
#[track_caller]
fn sha256(stack: &Stack, arguments: &str) -> String {
    let text = format!(
        "data \"archive_file\" \"a\" {{\n  output_path = \"out/archive\"\n{arguments}\n}}\noutput \"hash\" {{\n  value = data.archive_file.a.output_sha256\n}}\n"
    );
    stack.write("main.tf", text);
    stack.apply().succeeds();
    stack.state()["outputs"]["hash"]["value"].as_str().unwrap().to_owned()
}

#[test]
fn the_same_bytes_as_the_provider() {
    let stack = folder();
    let modes = "output_file_mode = \"0644\"";
    let sources =
        "source {\n  filename = \"b\"\n  content = \"2\"\n}\nsource {\n  filename = \"a/x\"\n  content = \"1\"\n}";
    for (arguments, zip, tar) in [
        (
            format!("source_dir = \"src\"\n{modes}"),
            "44319f000227dfc00ab044fb545d980554d58d9b9e1d4352daf7fef295cf6c45",
            "33fa3975a5c6c88d517f0e707a34c3343926b4000334ea239c584c75aba60eed",
        ),
        (
            format!("source_dir = \"src\"\nexcludes = [\"a\", \"**/*.js\"]\n{modes}"),
            "b550ba54217b8a7cf58ba1144db6c0e8bdd29772f90cf3feec9e793f791f3f2a",
            "9b1827566d85b00af57fd40f25d07ac185276f1682f16a342b460d1b8bb32389",
        ),
        (
            format!("source_file = \"src/a/b.py\"\n{modes}"),
            "f029a9f976f319c8440dd47f4b5e90029709ce9281325e40040f03a84bfea5f9",
            "42176ea611429f3a605add0a288f4ca1991d89b2411ab5827c84857ec9f2410f",
        ),
        (
            "source_content_filename = \"n.txt\"\nsource_content = \"hello\"".to_owned(),
            "de39e47933a2d29af3483c57cac5832c71a3e750fba8a9576443bb97f5a32c2d",
            "635e719e9047fcf0893fcf412ad2ed5ac59347ba2732617be894d28c3921d4e6",
        ),
        (
            sources.to_owned(),
            "e9748be8e3a8138f80b0a6132d4ac463df1bc7c4041df5159d1e11fde835ef71",
            "ed5e2c72e05d300b4c06496f866936d4efeefaa79ecaf6c5e9eb6feb586d18be",
        ),
    ] {
        assert_eq!(sha256(&stack, &format!("type = \"zip\"\n{arguments}")), zip, "{arguments}");
        assert_eq!(sha256(&stack, &format!("type = \"tar.gz\"\n{arguments}")), tar, "{arguments}");
    }
}

#[test]
fn others_can_read_it() {
    let stack = folder();
    sha256(&stack, "type = \"zip\"\nsource_dir = \"src\"");
    let mut zip = zip::ZipArchive::new(std::fs::File::open(stack.path("out/archive")).unwrap()).unwrap();
    assert_eq!(zip.len(), 6);
    let mut text = String::new();
    zip.by_name("deep/er/é.txt").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "ünï");

    sha256(&stack, "type = \"tar.gz\"\nsource_dir = \"src\"");
    let unpacked = flate2::read::GzDecoder::new(std::fs::File::open(stack.path("out/archive")).unwrap());
    let mut tar = tar::Archive::new(unpacked);
    let sizes: Vec<(String, u64)> = tar
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.path().unwrap().to_str().unwrap().to_owned(), entry.size()))
        .collect();
    assert_eq!(sizes.len(), 6);
    assert!(sizes.contains(&("deep/er/é.txt".to_owned(), 5)), "{sizes:?}");
    assert!(sizes.contains(&(format!("{}/{}/f.txt", "p".repeat(80), "q".repeat(60)), 2)), "{sizes:?}");
}

const RESOURCE: &str = "resource \"archive_file\" \"a\" {\n  type = \"zip\"\n  source_file = \"a.txt\"\n  output_path = \"out/a.zip\"\n  output_file_mode = \"0644\"\n}\n\
     resource \"terraform_data\" \"user\" {\n  input = archive_file.a.output_base64sha256\n}\n";

#[test]
fn the_resource_follows_its_files() {
    let stack = stack().file("a.txt", "one").file("main.tf", RESOURCE);
    stack.plan().ends_with(2).says("output_base64sha256 = (known after apply)");
    assert!(!stack.path("out").exists(), "the resource makes nothing in the plan");
    stack.apply().succeeds();
    let made = attributes(&stack, 0);
    assert_eq!(made["id"], made["output_sha"]);
    assert_eq!(made["output_size"], std::fs::metadata(stack.path("out/a.zip")).unwrap().len());
    stack.assert_nothing_to_do();

    std::fs::remove_file(stack.path("out/a.zip")).unwrap();
    stack.assert_nothing_to_do();
    assert!(stack.path("out/a.zip").exists(), "reading makes it again");

    stack.write("a.txt", "two");
    stack.apply().succeeds().says("0 added, 1 changed, 0 destroyed");
    let now = attributes(&stack, 0);
    assert_ne!(now["output_base64sha256"], made["output_base64sha256"]);
    assert_eq!(attributes(&stack, 1)["output"]["value"], now["output_base64sha256"]);
    stack.assert_nothing_to_do();

    stack.write("main.tf", RESOURCE.replace("0644", "0600"));
    stack.apply().succeeds().says("1 added, 1 changed, 1 destroyed");
    stack.destroy().succeeds();
    assert!(stack.path("out/a.zip").exists(), "the archive stays, as with the provider");
}

#[test]
fn links() {
    let stack = stack().file("src/dir/x", "x").file("src/z", "z");
    std::os::unix::fs::symlink("dir", stack.path("src/link")).unwrap();
    std::os::unix::fs::symlink("../src/z", stack.path("src/y")).unwrap();
    let names = |rest: &str| {
        sha256(&stack, &format!("type = \"zip\"\nsource_dir = \"src\"\n{rest}"));
        let file = std::fs::File::open(stack.path("out/archive")).unwrap();
        zip::ZipArchive::new(file)
            .unwrap()
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(names(""), "dir/x link/x y z");
    assert_eq!(names("exclude_symlink_directories = true"), "dir/x y z");
    std::os::unix::fs::symlink("..", stack.path("src/dir/up")).unwrap();
    stack.plan().succeeds();
    stack.write(
        "main.tf",
        "data \"archive_file\" \"a\" {\n  type = \"zip\"\n  source_dir = \"src\"\n  output_path = \"a.zip\"\n}\n",
    );
    stack.plan().fails().says("Archive creation error").says("is a link back to a folder above it");
    assert!(!stack.path("a.zip").exists());
}

#[test]
fn an_archive_inside_its_folder_does_not_hold_itself() {
    let stack = stack().file("a", "a").file(
        "main.tf",
        "data \"archive_file\" \"a\" {\n  type = \"zip\"\n  source_dir = \".\"\n  excludes = [\"*.tf*\", \".*\"]\n  output_path = \"all.zip\"\n}\noutput \"hash\" {\n  value = data.archive_file.a.output_sha256\n}\n",
    );
    // The folder itself is `.`, which `.*` matches, as with the provider.
    stack.plan().fails().says("The archive would be empty");
    stack.write("main.tf", stack.read("main.tf").replace(", \".*\"", ", \".?*\""));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    let file = std::fs::File::open(stack.path("all.zip")).unwrap();
    assert_eq!(
        zip::ZipArchive::new(file).unwrap().file_names().map(|name| name.unwrap().into_owned()).collect::<Vec<_>>(),
        ["a"]
    );
}

#[test]
fn wrong_arguments() {
    let stack = stack().file(
        "main.tf",
        "data \"archive_file\" \"none\" {\n  type = \"zip\"\n  output_path = \"a\"\n}\n\
         resource \"archive_file\" \"two\" {\n  type = \"zip\"\n  output_path = \"a\"\n  source_dir = \"a\"\n  source_file = \"b\"\n}\n\
         resource \"archive_file\" \"kind\" {\n  type = \"rar\"\n  output_path = \"a\"\n  source_file = \"b\"\n  output_file_mode = \"rw\"\n}\n",
    );
    assert_snapshot!(stack.plan().fails().text(), @r#"
    Error: Missing Attribute Configuration
     --> main.tf:1:1
      |
    1 | data "archive_file" "none" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^

      At least one of `source`, `source_content_filename`, `source_file`, `source_dir` must be given.

    Error: Invalid Attribute Combination
     --> main.tf:9:17
      |
    5 | resource "archive_file" "two" {
    ...
    9 |   source_file = "b"
      |                 ^^^

      `source_file` cannot be given beside `source_dir`. Remove one of them.

    Error: Archive creation error
      --> main.tf:12:10
       |
    11 | resource "archive_file" "kind" {
    12 |   type = "rar"
       |          ^^^^^

      "rar" is no archive that can be made. Use "zip" or "tar.gz".

    Error: Archive creation error
      --> main.tf:15:22
       |
    11 | resource "archive_file" "kind" {
    ...
    15 |   output_file_mode = "rw"
       |                      ^^^^

      "rw" is no file mode. Write octal digits after a zero, such as "0644".
    "#);
    for (arguments, says) in [
        ("source_dir = \"nothing\"", "\"nothing\" cannot be read: No such file or directory"),
        ("source_dir = \"main.tf\"", "`source_dir` \"main.tf\" is a file"),
        ("source_dir = \".\"\nexcludes = [\"[\"]", "\"[\" in `excludes` is no pattern"),
        ("source_dir = \".\"\nexcludes = [\"**\"]", "The archive would be empty"),
        ("source_file = \"nothing\"", "\"nothing\" cannot be read"),
        ("source_content_filename = \"a/\"\nsource_content = \"x\"", "a folder has no content"),
    ] {
        let text = format!(
            "data \"archive_file\" \"a\" {{\n  type = \"zip\"\n  output_path = \"out/archive\"\n{arguments}\n}}\n"
        );
        stack.write("main.tf", text);
        stack.plan().fails().says("Archive creation error").says(says);
        assert!(!stack.path("out/archive").exists(), "{arguments}");
    }
}
