//! Modules from registries, repositories and archives, with the real binary.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::stack::{Output, Stack, stack};
use crate::support::web::{Reply, Web, authority};

/// A stack that trusts the servers of tests.
fn trusting() -> Stack {
    stack().env("SSL_CERT_FILE", authority().to_str().unwrap())
}

/// What is said, however the lines are broken.
trait Tells {
    fn tells(self, text: &str) -> Self;
}

impl Tells for Output {
    #[track_caller]
    fn tells(self, text: &str) -> Self {
        let said = self.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(text), "nothing says {text:?}:\n{}", self.text());
        self
    }
}

/// An archive of files.
fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A registry with the module `acme/net/aws` in these versions; each has an output `v` that says which it is.
fn registry(versions: &[&str]) -> Web {
    let web = Web::secure();
    web.reply("/.well-known/terraform.json", Reply::ok(r#"{"modules.v1": "/api/modules/"}"#));
    list(&web, versions);
    for version in versions {
        publish(&web, version, &format!("output \"v\" {{\n  value = \"{version}\"\n}}\n"));
    }
    web
}

fn list(web: &Web, versions: &[&str]) {
    let versions: Vec<String> = versions.iter().map(|version| format!("{{\"version\": \"{version}\"}}")).collect();
    let text = format!("{{\"modules\": [{{\"versions\": [{}]}}]}}", versions.join(", "));
    web.reply("/api/modules/acme/net/aws/versions", Reply::ok(text));
}

fn publish(web: &Web, version: &str, text: &str) {
    let archive = tar_gz(&[("net-abc/main.tf", text), ("net-abc/sub/main.tf", text)]);
    web.reply(&format!("/files/{version}.tar.gz"), Reply::ok(archive));
    let location = format!("/files/{version}.tar.gz//*?archive=tar.gz");
    web.reply(
        &format!("/api/modules/acme/net/aws/{version}/download"),
        Reply::header(204, "X-Terraform-Get", location),
    );
}

fn call(web: &Web, folder: &str, version: &str) -> String {
    format!(
        "module \"net\" {{\n  source  = \"{}/acme/net/aws{folder}\"\n  version = \"{version}\"\n}}\noutput \"v\" {{\n  value = module.net.v\n}}\n",
        web.host
    )
}

#[test]
fn a_registry_gives_the_newest_version_that_is_allowed() {
    let web = registry(&["1.0.0", "1.2.0", "1.10.1", "2.0.0", "1.11.0-beta1"]);
    let stack = trusting().file("main.tf", call(&web, "", "~> 1.0"));
    stack
        .run(&["init"])
        .succeeds()
        .tells(&format!("{}/acme/net/aws 1.10.1 for net...", web.host))
        .tells("- net in .terraform/modules/net/net-abc");
    stack.run(&["apply", "-auto-approve"]).succeeds();
    assert_eq!(stack.state()["outputs"]["v"]["value"], "1.10.1");
    let manifest: serde_json::Value = serde_json::from_str(&stack.read(".terraform/modules/modules.json")).unwrap();
    assert_eq!(manifest["Modules"][1]["Version"], "1.10.1");
    assert_eq!(manifest["Modules"][1]["Source"], format!("{}/acme/net/aws", web.host));
    assert_eq!(manifest["Modules"][1]["Dir"], ".terraform/modules/net/net-abc");
    // Nothing is asked again while everything is there.
    web.forget();
    stack.run(&["init"]).succeeds();
    assert_eq!(web.asked(), Vec::<String>::new());
}

#[test]
fn missing_modules_are_installed_at_need_but_not_to_validate() {
    let web = registry(&["1.0.0"]);
    let stack = trusting().file("main.tf", call(&web, "//sub", "1.0.0"));
    stack.run(&["validate"]).fails().tells("Error: Module not installed").tells("glaz init");
    assert_eq!(web.asked(), Vec::<String>::new());
    stack.run(&["plan"]).succeeds().tells("Installed module net");
    stack.run(&["plan"]).succeeds().never_says("Installed module");
    stack.run(&["validate"]).succeeds();
    stack.write("main.tf", call(&web, "", "1.0.0"));
    stack.run(&["validate"]).fails().tells("Error: Module source has changed");
    stack.write("main.tf", call(&web, "//sub", "> 1.0.0"));
    stack.run(&["validate"]).fails().tells("Error: Module version requirements have changed");
}

#[test]
fn what_is_locked_stays_until_it_is_renewed() {
    let web = registry(&["1.0.0"]);
    let stack = trusting().file("main.tf", call(&web, "", ">= 1.0"));
    stack.run(&["init"]).succeeds();
    let locked = stack.read(".glaz.lock.hcl");
    assert!(locked.contains("version = \"1.0.0\"") && locked.contains("hash    = \"h1:"), "{locked}");
    list(&web, &["1.0.0", "1.1.0"]);
    publish(&web, "1.1.0", "output \"v\" {\n  value = \"1.1.0\"\n}\n");
    // On another machine.
    std::fs::remove_dir_all(stack.path(".terraform")).unwrap();
    stack.run(&["init", "-lockfile=readonly"]).succeeds().tells("1.0.0 for net");
    assert_eq!(stack.read(".glaz.lock.hcl"), locked);
    stack.run(&["init", "-upgrade"]).succeeds().tells("Upgrading modules...").tells("1.1.0 for net");
    let renewed = stack.read(".glaz.lock.hcl");
    assert!(renewed.contains("1.1.0") && !renewed.contains("1.0.0"), "{renewed}");
    // A colleague takes the new lock file and has the old module.
    let other = trusting().file("main.tf", call(&web, "", ">= 1.0")).file(".glaz.lock.hcl", &locked);
    other.run(&["get"]).succeeds();
    other.write(".glaz.lock.hcl", &renewed);
    other.run(&["get"]).succeeds();
    assert!(other.read(".terraform/modules/modules.json").contains("1.1.0"));
    // No lock file may be made.
    let none = trusting().file("main.tf", call(&web, "", ">= 1.0"));
    none.run(&["init", "-lockfile=readonly"]).fails().tells("Error: Lock file needs to be changed");
    assert!(!none.path(".glaz.lock.hcl").exists());
}

#[test]
fn other_content_under_the_same_version_is_refused() {
    let web = registry(&["1.0.0"]);
    let stack = trusting().file("main.tf", call(&web, "", "1.0.0"));
    stack.run(&["init"]).succeeds();
    let locked = stack.read(".glaz.lock.hcl");
    publish(&web, "1.0.0", "output \"v\" {\n  value = \"evil\"\n}\n");
    std::fs::remove_dir_all(stack.path(".terraform")).unwrap();
    stack.run(&["plan"]).fails().tells("Error: Module content has changed").tells("glaz init -upgrade");
    assert!(!stack.path(".terraform/modules/net").exists());
    assert_eq!(stack.read(".glaz.lock.hcl"), locked);
    stack.run(&["init", "-upgrade"]).succeeds();
    assert_ne!(stack.read(".glaz.lock.hcl"), locked);
}

#[test]
fn what_a_registry_cannot_give() {
    let web = registry(&["1.0.0", "1.1.0-rc1"]);
    let init = |text: String| trusting().file("main.tf", text).run(&["init"]).fails();
    init(call(&web, "", "~> 2.0"))
        .tells("Error: Unresolvable module version constraint")
        .tells("newest one is 1.1.0-rc1");
    init(call(&web, "", ">= 1.1.0-rc1, < 2.0")).tells("Error: Unresolvable module version constraint");
    init(call(&web, "", "nonsense")).tells("Error: Invalid version constraint");
    init(call(&web, "//nowhere", "1.0.0")).tells("Error: Unreadable module subdirectory");
    init(call(&web, "", "1.0.0").replace("/acme/", "/nobody/")).tells("Error: Module not found");
    init(call(&web, "", "1.0.0").replace("acme/net/aws", "../x/aws"))
        .tells("Error: Invalid registry module source address");
    list(&web, &[]);
    init(call(&web, "", "1.0.0")).tells("Error: Module has no versions");
    web.reply("/.well-known/terraform.json", Reply::ok(r#"{"providers.v1": "/v1/providers/"}"#));
    init(call(&web, "", "1.0.0"))
        .tells("Error: Error accessing remote module registry")
        .tells("no registry of modules");
    web.reply("/.well-known/terraform.json", Reply::ok("<html>"));
    init(call(&web, "", "1.0.0")).tells("is not JSON");
    // Who does not know the authority does not trust the server.
    let stranger = stack().file("main.tf", call(&web, "", "1.0.0"));
    stranger.run(&["init"]).fails().tells("Error: Error accessing remote module registry").tells("not safe");
    // Nothing else is left of all this.
    let stack = trusting().file("main.tf", call(&web, "", "1.0.0"));
    stack.run(&["init"]).fails();
    assert!(!stack.path(".glaz.lock.hcl").exists());
}

#[test]
fn tokens_reach_the_registry_and_nobody_else() {
    let web = registry(&["1.0.0"]);
    let files = Web::plain();
    files.reply("/p.tar.gz", Reply::ok(tar_gz(&[("main.tf", "output \"v\" {\n  value = 1\n}\n")])));
    let versions = Reply::ok(r#"{"modules": [{"versions": [{"version": "1.0.0"}]}]}"#).only_for("Bearer s3cret");
    web.reply("/api/modules/acme/net/aws/versions", versions);
    let location = Reply::header(204, "X-Terraform-Get", files.url("/p.tar.gz")).only_for("Bearer s3cret");
    web.reply("/api/modules/acme/net/aws/1.0.0/download", location);
    let stack = trusting().file("main.tf", call(&web, "", "1.0.0"));
    let refused = stack.run(&["init"]).fails();
    assert!(refused.err.contains("token"), "{}", refused.err);
    let json = format!("{{\"credentials\": {{\"{}\": {{\"token\": \"s3cret\"}}}}}}", web.host);
    stack.write("../home/.terraform.d/credentials.tfrc.json", json);
    stack.run(&["init"]).succeeds().never_says("s3cret");
    let netrc = Web::plain();
    netrc.reply("/p.zip", Reply::ok(zip(&[("main.tf", "")])).only_for("Basic bWU6d29yZA=="));
    stack.write("main.tf", format!("module \"m\" {{\n  source = \"{}\"\n}}\n", netrc.url("/p.zip")));
    stack.run(&["init"]).fails().tells("status 401");
    stack.write("../home/.netrc", "machine 127.0.0.1 login me password word\n");
    stack.run(&["init"]).succeeds();
    stack.write("../home/.netrc", "");
    stack.write(
        "main.tf",
        format!("module \"n\" {{\n  source = \"{}\"\n}}\n", netrc.url("/p.zip").replace("://", "://me:word@")),
    );
    stack.run(&["init"]).succeeds().never_says("word");
}

#[test]
fn archives_and_pages_that_name_them() {
    let web = Web::plain();
    let module = [("main.tf", "output \"v\" {\n  value = 1\n}\n"), ("a/b/main.tf", "output \"v\" {\n  value = 2\n}\n")];
    web.reply("/m.zip", Reply::ok(zip(&module)));
    web.reply("/m.tgz", Reply::ok(tar_gz(&module)));
    web.reply("/odd", Reply::ok(tar_gz(&module)));
    web.reply("/header", Reply::header(200, "X-Terraform-Get", "./m.zip"));
    let page = format!("<html><head><meta name=\"terraform-get\" content=\"{}//a\"></head></html>", web.url("/m.zip"));
    web.reply("/page", Reply::ok(page));
    web.reply("/moved", Reply::header(302, "Location", "/m.zip"));
    web.reply("/nothing", Reply::ok("<html></html>"));
    web.reply("/circle", Reply::header(200, "X-Terraform-Get", "/circle"));
    web.reply("/local", Reply::header(200, "X-Terraform-Get", "file:///etc"));
    let init = |address: &str| {
        let text = format!(
            "module \"m\" {{\n  source = \"{}\"\n}}\noutput \"v\" {{\n  value = module.m.v\n}}\n",
            web.url(address)
        );
        let stack = stack().file("main.tf", text);
        let output = stack.run(&["init"]);
        (stack, output)
    };
    for (address, value) in [
        ("/m.zip", 1),
        ("/m.tgz//a/b", 2),
        ("/odd?archive=tar.gz", 1),
        ("/header", 1),
        ("/header//a/b", 2),
        ("/page//b", 2),
        ("/m.zip?checksum=sha256:CHECKSUM", 1),
    ] {
        use sha2::Digest as _;
        let sum: Vec<_> = sha2::Sha256::digest(zip(&module)).iter().map(|byte| format!("{byte:02x}")).collect();
        let sum = sum.concat();
        let (stack, output) = init(&address.replace("CHECKSUM", &sum));
        output.succeeds();
        stack.apply().succeeds();
        assert_eq!(stack.state()["outputs"]["v"]["value"], value, "{address}");
    }
    for (address, says) in [
        ("/m.zip?checksum=md5:00000000000000000000000000000000", "checksum is"),
        ("/m.tar.xz", "cannot be unpacked"),
        ("/odd?archive=rar", "cannot be unpacked"),
        ("/odd?archive=zip", "the archive cannot be unpacked"),
        ("/nothing", "names no other address"),
        ("/circle", "more than 10 addresses"),
        ("/local", "a folder of this machine"),
        ("/absent.zip", "status 404"),
        ("/m.zip//../x", "outside of the package"),
        ("/m.zip//c", "has no folder c"),
    ] {
        let (stack, output) = init(address);
        output.fails().tells(says);
        assert!(!stack.path(".terraform/modules/m/main.tf").exists() || address.ends_with("//c"), "{address}");
    }
}

#[test]
fn archives_that_want_to_write_elsewhere() {
    let web = Web::plain();
    let refused = |archive: Vec<u8>, says: &str| {
        web.reply("/bad", Reply::ok(archive));
        let text = format!("module \"m\" {{\n  source = \"{}\"\n}}\n", web.url("/bad?archive=tar"));
        let stack = stack().file("main.tf", text);
        stack.run(&["init"]).fails().tells("Error: Failed to download module").tells(says);
        assert_eq!(stack.files(), [".terraform", "main.tf"]);
        assert!(!stack.path("../evil").exists() && !Path::new("/tmp/glaz-evil").exists());
        let left: Vec<_> = std::fs::read_dir(stack.path(".terraform/modules"))
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert_eq!(left, ["modules.json"]);
    };
    refused(tar_of(&[Entry::File("../../../evil", "x")]), "is outside of it");
    refused(tar_of(&[Entry::File("/tmp/glaz-evil", "x")]), "is outside of it");
    refused(tar_of(&[Entry::File("a/../../../../evil", "x")]), "is outside of it");
    refused(tar_of(&[Entry::Link("l", "../../../.."), Entry::File("l/evil", "x")]), "cannot be unpacked");
    refused(tar_of(&[Entry::Link("l", "/etc")]), "leads out of it");
    refused(tar_of(&[Entry::Link("a/up", ".."), Entry::Link("out", "a/up/../..")]), "leads out of it");
    refused(tar_of(&[Entry::Link("d", "/tmp"), Entry::Link("d/glaz-evil", "x")]), "cannot be unpacked");
    refused(tar_of(&[Entry::Hard("h", "/etc/passwd")]), "is outside of it");
    refused(tar_of(&[Entry::Hard("h", "../../../main.tf")]), "is outside of it");
    refused(tar_of(&[Entry::File("a", "1"), Entry::File("a", "2")]), "cannot be unpacked");
    refused(tar_of(&[Entry::Pipe("p")]), "neither a file nor a folder nor a link");
    refused(b"no archive at all".to_vec(), "cannot be unpacked");
    let fine = tar_of(&[Entry::File("main.tf", ""), Entry::Link("l", "sub"), Entry::File("sub/x.tf", "")]);
    web.reply("/good", Reply::ok(fine));
    let text = format!("module \"m\" {{\n  source = \"{}\"\n}}\n", web.url("/good?archive=tar"));
    stack().file("main.tf", text).run(&["init"]).succeeds();
}

/// What a malicious archive holds.
enum Entry<'a> {
    File(&'a str, &'a str),
    Link(&'a str, &'a str),
    Hard(&'a str, &'a str),
    Pipe(&'a str),
}

/// A tar with names as they are: the library that writes them would refuse.
fn tar_of(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        let (name, kind, target, text) = match *entry {
            Entry::File(name, text) => (name, tar::EntryType::Regular, "", text),
            Entry::Link(name, target) => (name, tar::EntryType::Symlink, target, ""),
            Entry::Hard(name, target) => (name, tar::EntryType::Link, target, ""),
            Entry::Pipe(name) => (name, tar::EntryType::Fifo, "", ""),
        };
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_entry_type(kind);
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.as_mut_bytes()[157..157 + target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(text.as_bytes());
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// Runs git in a folder of the stack.
fn git(stack: &Stack, folder: &str, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Tester", "-c", "user.email=tester@example.com", "-c", "init.defaultBranch=main"])
        .args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"])
        .args(args)
        .env_clear()
        .envs(stack.environment())
        .current_dir(stack.path(folder))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository beside the stack whose module says `one` at the tag v1 and `two` on its branch.
fn repository() -> Stack {
    let stack = stack();
    std::fs::create_dir(stack.path("../repo")).unwrap();
    git(&stack, "../repo", &["init", "--quiet"]);
    stack.write(
        "../repo/sub/main.tf",
        "output \"v\" {\n  value = \"one\"\n}\nmodule \"inner\" {\n  source = \"../inner\"\n}\n",
    );
    stack.write("../repo/inner/main.tf", "output \"v\" {\n  value = \"inner\"\n}\n");
    commit(&stack);
    git(&stack, "../repo", &["tag", "v1"]);
    stack.write("../repo/sub/main.tf", "output \"v\" {\n  value = \"two\"\n}\n");
    commit(&stack);
    stack
}

fn commit(stack: &Stack) {
    git(stack, "../repo", &["add", "-A"]);
    git(stack, "../repo", &["commit", "--quiet", "-m", "change"]);
}

/// Lets the stack call the repository, and gives what `init` said.
fn called(stack: &Stack, query: &str) -> Output {
    let repo = stack.path("../repo").canonicalize().unwrap();
    let text = format!(
        "module \"m\" {{\n  source = \"git::file://{}//sub{query}\"\n}}\noutput \"v\" {{\n  value = module.m.v\n}}\n",
        repo.display()
    );
    stack.write("main.tf", text);
    stack.run(&["init"])
}

fn value(stack: &Stack) -> String {
    stack.apply().succeeds();
    stack.state()["outputs"]["v"]["value"].as_str().unwrap().to_owned()
}

#[test]
fn revisions_of_a_repository() {
    let stack = repository();
    let first = git(&stack, "../repo", &["rev-parse", "v1"]);
    for (query, expected) in [
        ("?ref=v1", "one"),
        ("", "two"),
        ("?ref=main", "two"),
        (&*format!("?ref={first}"), "one"),
        (&*format!("?ref={}", &first[..8]), "one"),
        ("?ref=v1&depth=1", "one"),
        ("?depth=1", "two"),
    ] {
        called(&stack, query).succeeds();
        assert_eq!(value(&stack), expected, "{query}");
    }
    called(&stack, "?ref=v9").fails().tells("has no branch, tag or commit \"v9\"");
    called(&stack, "?ref=--upload-pack=touch").fails().tells("cannot be the name of a revision");
    called(&stack, "?depth=x").fails().tells("is no number");
    // A plan installs the repository by itself, and Terraform's own manifest says where it is.
    std::fs::remove_dir_all(stack.path(".terraform")).unwrap();
    called(&stack, "?ref=v1").succeeds();
    let manifest: serde_json::Value = serde_json::from_str(&stack.read(".terraform/modules/modules.json")).unwrap();
    assert_eq!(manifest["Modules"][2]["Key"], "m.inner");
    assert_eq!(manifest["Modules"][2]["Dir"], ".terraform/modules/m/inner");
}

#[test]
fn a_repository_is_pinned_to_its_commit() {
    let stack = repository();
    called(&stack, "?ref=main").succeeds();
    let locked = stack.read(".glaz.lock.hcl");
    assert!(locked.contains("commit = \""), "{locked}");
    stack.write("../repo/sub/main.tf", "output \"v\" {\n  value = \"three\"\n}\n");
    commit(&stack);
    std::fs::remove_dir_all(stack.path(".terraform")).unwrap();
    called(&stack, "?ref=main").succeeds();
    assert_eq!((value(&stack), stack.read(".glaz.lock.hcl")), ("two".to_owned(), locked.clone()));
    stack.run(&["init", "-upgrade"]).succeeds();
    assert_eq!(value(&stack), "three");
    // A commit that is gone.
    let gone = stack.read(".glaz.lock.hcl").replace("commit = \"", "commit = \"0");
    let gone: String = gone
        .lines()
        .map(
            |line| {
                if line.contains("commit") { format!("{}\"\n", &line[..line.len() - 2]) } else { format!("{line}\n") }
            },
        )
        .collect();
    stack.write(".glaz.lock.hcl", gone);
    std::fs::remove_dir_all(stack.path(".terraform")).unwrap();
    stack.run(&["init"]).fails().tells("is not there any more");
}

#[test]
fn links_in_a_repository_that_lead_out_of_it() {
    let stack = repository();
    std::os::unix::fs::symlink("../../../../home", stack.path("../repo/sub/out")).unwrap();
    commit(&stack);
    called(&stack, "").fails().tells("its link sub/out leads out of the package");
    assert!(!stack.path(".terraform/modules/m").exists());
}

#[test]
fn modules_inside_a_package_stay_there() {
    let stack = repository();
    stack.write("../repo/sub/main.tf", "module \"out\" {\n  source = \"../../../../..\"\n}\n");
    commit(&stack);
    called(&stack, "").fails().tells("Error: Local module path escapes module package");
}

#[test]
fn addresses_that_glaz_cannot_use() {
    let init = |source: &str| {
        stack().file("main.tf", format!("module \"m\" {{\n  source = \"{source}\"\n}}\n")).run(&["init"]).fails()
    };
    init("gcs::https://www.googleapis.com/storage/v1/b/x").tells("not supported");
    init("hg::ftp://example.com/r").tells("no address of a Mercurial repository");
    #[cfg(feature = "s3")]
    init("s3::https://example.com/b").tells("no address of an object in S3");
    #[cfg(not(feature = "s3"))]
    init("s3::https://example.com/b").tells("built without S3");
    init("ftp://example.com/x").tells("does not know how to fetch");
    init("foo/bar").tells("Error: Invalid module source address").tells("./foo/bar");
    init("git::ext::sh -c whoami").tells("Error:");
    init("git::--upload-pack=whoami").tells("Error:");
    stack()
        .file("main.tf", "module \"m\" {\n  source = \"./m\"\n  version = \"1\"\n}\n")
        .run(&["init"])
        .fails()
        .tells("Error: Invalid registry module source address");
}

#[test]
fn folders_of_this_machine() {
    let stack = stack().file("../common/main.tf", "output \"v\" {\n  value = 1\n}\n");
    let shared = stack.path("../common").canonicalize().unwrap();
    stack.write(
        "main.tf",
        format!(
            "module \"m\" {{\n  source = \"{}\"\n}}\noutput \"v\" {{\n  value = module.m.v\n}}\n",
            shared.display()
        ),
    );
    stack.apply().succeeds();
    assert_eq!(stack.state()["outputs"]["v"]["value"], 1);
    // It is a link: what changes there counts here.
    stack.write("../common/main.tf", "output \"v\" {\n  value = 2\n}\n");
    stack.apply().succeeds();
    assert_eq!(stack.state()["outputs"]["v"]["value"], 2);
    assert!(!stack.path(".glaz.lock.hcl").exists());
}

#[test]
fn another_folder_for_the_data() {
    let web = registry(&["1.0.0"]);
    let stack = trusting().env("TF_DATA_DIR", "data").file("main.tf", call(&web, "", "1.0.0"));
    stack.run(&["init"]).succeeds();
    assert!(stack.path("data/modules/modules.json").exists() && !stack.path(".terraform").exists());
    stack.run(&["validate"]).succeeds();
    stack.run(&["plan", "-out=p"]).succeeds();
    stack.run(&["apply", "p"]).succeeds();
}
