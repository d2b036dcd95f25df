//! `glaz state mv`, `rm`, `push` and `replace-provider`: what they change, keep and refuse.

use std::time::Duration;

use glaz::clock::Clock;
use glaz::state::journal::{Action, Entry, Intent};
use glaz::state::{InstanceKey, Store};
use insta::assert_snapshot;

use crate::support::stack::{Stack, stack};

const MAIN: &str = "resource \"terraform_data\" \"a\" {\n  input = \"one\"\n}\nresource \"terraform_data\" \"c\" {\n  count = 2\n  input = terraform_data.a.id\n}\nmodule \"m\" {\n  source = \"./m\"\n}\n";

fn applied() -> Stack {
    let stack = stack().file("main.tf", MAIN).file("m/m.tf", "resource \"terraform_data\" \"r\" {}\n");
    stack.apply().succeeds();
    stack
}

fn list(stack: &Stack) -> Vec<String> {
    stack.run(&["state", "list"]).succeeds().out.lines().map(str::to_owned).collect()
}

/// Files beside the stack's own.
fn kept(stack: &Stack) -> Vec<String> {
    stack.files().into_iter().filter(|name| !["main.tf", "m", "terraform.tfstate"].contains(&name.as_str())).collect()
}

#[test]
fn mv() {
    let stack = applied();
    let before = stack.read("terraform.tfstate");
    assert_snapshot!(stack.run(&["state", "mv", "-dry-run", "terraform_data.a", "terraform_data.z[\"k\"]"]).succeeds().text(), @r#"Would move "terraform_data.a" to "terraform_data.z[\"k\"]""#);
    assert_eq!(stack.read("terraform.tfstate"), before);
    assert_eq!(kept(&stack), [] as [&str; 0]);
    assert_snapshot!(stack.run(&["state", "mv", "terraform_data.a", "terraform_data.z[\"k\"]"]).succeeds().text(), @r#"
    Move "terraform_data.a" to "terraform_data.z[\"k\"]"
    Successfully moved 1 object(s).
    "#);
    let state = stack.state();
    assert_eq!(state["serial"], 2);
    let users = state["resources"].as_array().unwrap().iter().find(|one| one["name"] == "c").unwrap();
    assert_eq!(users["instances"][1]["dependencies"], serde_json::json!(["terraform_data.z"]));
    let [backup] = &kept(&stack)[..] else { panic!("one backup: {:?}", kept(&stack)) };
    assert!(backup.starts_with("terraform.tfstate.17") && backup.ends_with(".backup"), "{backup}");
    assert_eq!(stack.read(backup), before);

    stack.run(&["state", "mv", "terraform_data.c", "module.x.terraform_data.d"]).succeeds();
    stack.run(&["state", "mv", "module.m", "module.n[0]"]).succeeds();
    assert_eq!(
        list(&stack),
        [
            "terraform_data.z[\"k\"]",
            "module.n[0].terraform_data.r",
            "module.x.terraform_data.d[0]",
            "module.x.terraform_data.d[1]"
        ]
    );
    assert_eq!(kept(&stack).len(), 3, "a backup each time");
}

#[test]
fn mv_refuses() {
    let stack = applied();
    let before = stack.read("terraform.tfstate");
    for (from, to, says) in [
        ("terraform_data.x", "terraform_data.y", "Error: Invalid source address"),
        ("terraform_data.a", "terraform_data.c[0]", "Error: Invalid target address"),
        ("terraform_data.a", "module.n", "the target must also be a resource instance"),
        ("terraform_data.a", "null_resource.a", "Error: Invalid state move request"),
        ("module.m", "module.m", "Error moving state: destination module already exists"),
        ("a b", "a.c", "Error: Invalid address"),
        ("a.b[c]", "a.c", "Error: Index value required"),
    ] {
        stack.run(&["state", "mv", from, to]).fails().says(says);
    }
    stack.run(&["state", "mv", "-state=no.tfstate", "a.b", "a.c"]).fails().says("No state file was found!");
    stack.run(&["state", "mv", "a.b"]).fails();
    assert_eq!(stack.read("terraform.tfstate"), before);
    assert_eq!(kept(&stack), [] as [&str; 0], "no backup, no lock, no journal");
}

#[test]
fn mv_into_another_state() {
    let stack = applied();
    let args = ["state", "mv", "-state-out=other/x.tfstate", "-backup=kept", "module.m", "module.m"];
    stack.run(&args).succeeds();
    assert_eq!(list(&stack).len(), 3);
    assert_eq!(stack.run(&["state", "list", "-state=other/x.tfstate"]).out, "module.m.terraform_data.r\n");
    assert_eq!(kept(&stack), ["kept", "other"]);
    stack.run(&["state", "mv", "-state-out=other/x.tfstate", "terraform_data.a", "terraform_data.a"]).succeeds();
    assert_eq!(
        stack.run(&["state", "list", "-state=other/x.tfstate"]).out,
        "terraform_data.a\nmodule.m.terraform_data.r\n"
    );
    // Within one state, whatever it is called.
    stack.run(&["state", "mv", "-state-out=./terraform.tfstate", "terraform_data.c", "terraform_data.d"]).succeeds();
    assert_eq!(list(&stack), ["terraform_data.d[0]", "terraform_data.d[1]"]);
}

#[test]
fn rm() {
    let stack = applied();
    assert_snapshot!(stack.run(&["state", "rm", "-dry-run", "terraform_data.c", "module.m"]).succeeds().text(), @r#"
    Would remove terraform_data.c[0]
    Would remove terraform_data.c[1]
    Would remove module.m.terraform_data.r
    "#);
    stack.run(&["state", "rm", "-dry-run", "terraform_data.x"]).succeeds().says("Would have removed nothing.");
    assert_eq!(list(&stack).len(), 4);
    assert_snapshot!(stack.run(&["state", "rm", "terraform_data.c[1]", "module.m", "terraform_data.x"]).succeeds().text(), @r#"
    Removed terraform_data.c[1]
    Removed module.m.terraform_data.r
    Successfully removed 2 resource instance(s).
    "#);
    assert_eq!(list(&stack), ["terraform_data.a", "terraform_data.c[0]"]);
    assert_eq!(kept(&stack).len(), 1);
    stack.run(&["state", "rm", "terraform_data.x"]).fails().says("Error: Invalid target address");
    stack.run(&["state", "rm", "a["]).fails().says("Error: Index value required");
    stack.run(&["state", "rm"]).fails();
    stack.plan().ends_with(2).says("2 to add, 0 to change, 0 to destroy");
}

#[test]
fn push() {
    let stack = applied();
    let pulled = stack.run(&["state", "pull"]).succeeds().out;
    let with = |from: &str, to: &str| {
        stack.write("pushed", pulled.replace(from, to));
        stack.run(&["state", "push", "pushed"])
    };
    with("zz", "zz").succeeds();
    assert_eq!(stack.read("terraform.tfstate"), pulled, "the same again changes nothing");
    with("\"one\"", "\"two\"").fails().says("cannot overwrite existing state with serial 1");
    with("\"serial\": 1", "\"serial\": 0")
        .fails()
        .says("cannot import state with serial 0 over newer state with serial 1");
    let lineage = stack.state()["lineage"].as_str().unwrap().to_owned();
    with(&lineage, "other").fails().says("cannot import state with lineage \"other\" over unrelated state");
    with(&lineage, "").fails().says("Error: A state without lineage");
    assert_eq!(stack.read("terraform.tfstate"), pulled);

    with("\"serial\": 1", "\"serial\": 9").succeeds();
    assert_eq!(stack.state()["serial"], 9, "as it was pushed");
    assert_eq!(stack.read("terraform.tfstate.backup"), pulled);
    stack.write("pushed", pulled.replace(&lineage, "other"));
    stack.run(&["state", "push", "-force", "pushed"]).succeeds();
    assert_eq!((stack.state()["serial"].clone(), stack.state()["lineage"].clone()), (1.into(), "other".into()));

    stack.write("pushed", "{");
    stack.run(&["state", "push", "-force", "pushed"]).fails().says("Error: The state is cut off");
    stack.run(&["state", "push", "nope"]).fails().says("Error reading source state \"nope\"");
    stack.run(&["state", "push", "-"]).fails().says("Error reading source state \"-\": no state");
    assert_eq!(stack.state()["lineage"], "other");
}

#[test]
fn push_from_standard_input_into_nothing() {
    let stack = applied();
    let pulled = stack.read("terraform.tfstate");
    std::fs::rename(stack.path("terraform.tfstate"), stack.path("old")).unwrap();
    let output = stack.start_shell("\"$glaz\" state push - < old").wait();
    output.succeeds();
    assert_eq!(stack.read("terraform.tfstate"), pulled);
    stack.assert_nothing_to_do();
}

#[test]
fn replace_provider() {
    let stack = applied();
    let args = ["state", "replace-provider", "terraform.io/builtin/terraform", "acme/terraform"];
    stack.run(&args).fails().says("Error asking for approval").says("-auto-approve");
    assert!(stack.read("terraform.tfstate").contains("terraform.io/builtin/terraform"));
    assert_snapshot!(stack.run(&[&args[..2], &["-auto-approve"], &args[2..]].concat()).succeeds().text(), @r#"
    glaz will perform the following actions:

      ~ Updating provider:
        - terraform.io/builtin/terraform
        + registry.terraform.io/acme/terraform

    Changing 3 resources:

      terraform_data.a
      terraform_data.c
      module.m.terraform_data.r

    Successfully replaced provider for 3 resources.
    "#);
    let text = stack.read("terraform.tfstate");
    assert!(!text.contains("builtin") && text.contains("provider[\\\"registry.terraform.io/acme/terraform\\\"]"));
    assert_eq!(kept(&stack).len(), 1);
    stack.run(&["state", "replace-provider", "a/b", "a/c"]).succeeds().says("No matching resources found.");
    stack.run(&["state", "replace-provider", "a b", "a/c"]).fails().says("Error: Invalid \"from\" provider \"a b\"");
    stack.run(&["state", "replace-provider", "a/b", "a/b/c/d"]).fails().says("Error: Invalid \"to\" provider");
}

#[test]
fn a_provider_as_terraform_0_12_wrote_it() {
    let stack = stack().file("main.tf", "resource \"null_resource\" \"a\" {\n}\n");
    stack.apply().succeeds();
    let full = r#"provider[\"registry.terraform.io/hashicorp/null\"]"#;
    let old = stack.read("terraform.tfstate").replace(full, "provider.null");
    stack.write("terraform.tfstate", &old);
    stack.assert_nothing_to_do();
    let replace = ["state", "replace-provider", "-auto-approve", "--", "-/null", "hashicorp/null"];
    stack.run(&replace).succeeds().says("Successfully replaced provider for 1 resources.");
    assert!(stack.read("terraform.tfstate").contains(full));
    // It is deleted as it is, too.
    stack.write("terraform.tfstate", &old);
    stack.write("main.tf", "");
    stack.apply().succeeds().says("1 destroyed");
    stack.write("terraform.tfstate", old.replace("provider.null", "null"));
    let damaged =
        stack.plan().fails().says("The state is damaged").says("\"provider\" must be the address of a provider");
    damaged.says("line 12");
}

#[test]
fn in_a_workspace() {
    let stack = applied();
    stack.run(&["workspace", "new", "eu"]).succeeds();
    stack.apply().succeeds();
    stack.run(&["state", "rm", "module.m"]).succeeds();
    stack.run(&["taint", "terraform_data.a"]).succeeds();
    assert_eq!(list(&stack).len(), 3);
    let text = stack.read("terraform.tfstate.d/eu/terraform.tfstate");
    assert!(text.contains("tainted"));
    assert!(stack.path("terraform.tfstate.d/eu/terraform.tfstate.backup").exists());
    stack.run(&["workspace", "select", "default"]).succeeds();
    assert_eq!(list(&stack).len(), 4);
}

/// Leaves the journal of an interrupted run: it deleted the module's object, and was about to make another one.
fn interrupt(stack: &Stack, is_open: bool) {
    let clock = Clock::pinned(Duration::from_secs(1_767_225_600), 1);
    let mut store = Store::file(&stack.path("terraform.tfstate"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let loaded = glaz::state::load(&mut store, &clock).await.unwrap();
        let journal = glaz::state::begin(&store, &loaded, "apply", &clock).await.unwrap();
        let key = |text: &str| InstanceKey::current(text.parse().unwrap());
        let changes = vec![(key("module.m.terraform_data.r"), None)];
        journal.record(&Entry::Set { changes }).await.unwrap();
        let intent = Intent {
            step: journal.step(0),
            key: key("terraform_data.n"),
            action: Action::Create,
            type_name: "terraform_data".to_owned(),
            provider: "provider[\"terraform.io/builtin/terraform\"]".to_owned(),
            id: None,
            recover: std::collections::BTreeMap::new(),
            tainted: false,
            planned: None,
            dependencies: Vec::new(),
            create_before_destroy: false,
            before: None,
            deploys: false,
            aside: None,
        };
        if is_open {
            journal.record(&Entry::Intent(intent)).await.unwrap();
        }
    });
}

#[test]
fn what_an_interrupted_run_wrote_down_is_kept() {
    let stack = applied();
    interrupt(&stack, false);
    assert_eq!(list(&stack).len(), 3);
    stack.run(&["state", "rm", "terraform_data.c[1]"]).succeeds();
    assert_eq!(list(&stack), ["terraform_data.a", "terraform_data.c[0]"]);
    assert!(!stack.files().iter().any(|name| name.ends_with("journal")), "{:?}", stack.files());
    assert!(!stack.read("terraform.tfstate").contains("\"module\""));
}

#[test]
fn a_state_is_pulled_and_pushed_after_an_interrupted_run() {
    let stack = applied();
    interrupt(&stack, false);
    let both = || (stack.read("terraform.tfstate"), stack.read("terraform.tfstate.journal"));
    let before = both();
    let pulled = stack.run(&["state", "pull"]).succeeds().out;
    assert!(pulled.contains("\"serial\": 1") && !pulled.contains("\"module\""), "{pulled}");
    stack.write("pushed", pulled.replace("\"one\"", "\"two\""));
    stack
        .run(&["state", "push", "pushed"])
        .fails()
        .says("cannot overwrite existing state with serial 1")
        .says("Nothing was changed.");
    assert_eq!(both(), before);
    stack.write("pushed", pulled.replace("\"one\"", "\"two\"").replace("\"serial\": 1", "\"serial\": 2"));
    stack.run(&["state", "push", "pushed"]).succeeds();
    assert_eq!(stack.read("terraform.tfstate"), stack.read("pushed"));
    assert_eq!(kept(&stack), ["pushed", "terraform.tfstate.backup"]);
    // The state as it was, with what the journal said.
    assert_eq!(stack.read("terraform.tfstate.backup").replace("\"serial\": 2", "\"serial\": 1"), pulled);
}

#[test]
fn what_an_interrupted_run_left_open_is_looked_up_first() {
    let stack = applied();
    interrupt(&stack, true);
    let before = stack.read("terraform.tfstate");
    let journal = stack.read("terraform.tfstate.journal");
    assert_snapshot!(stack.run(&["state", "rm", "terraform_data.c"]).fails().text(), @r#"
    Error: An interrupted run must be taken up first

      A run was interrupted, and it is not known yet what became of these objects:

        terraform_data.n

      Nothing was changed. Let glaz look them up and take over what is there:

          glaz apply
    "#);
    for args in [
        &["state", "mv", "terraform_data.a", "terraform_data.b"][..],
        &["state", "replace-provider", "-auto-approve", "terraform.io/builtin/terraform", "acme/terraform"],
        &["state", "push", "terraform.tfstate"],
        &["taint", "terraform_data.a"],
        &["untaint", "terraform_data.a"],
        &["workspace", "delete", "default"],
    ] {
        stack.run(args).fails();
    }
    assert_eq!(stack.read("terraform.tfstate"), before);
    assert_eq!(stack.read("terraform.tfstate.journal"), journal);
    stack.apply().succeeds();
    stack.run(&["state", "rm", "terraform_data.c"]).succeeds();
}
