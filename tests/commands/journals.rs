//! Journals that stand alone, and journals that stay: what they know is found, and nobody is held up by them.

use glaz::clock::Clock;
use glaz::state::Store;
use glaz::state::journal::Entry;

use super::recovery::{NETWORK, killed, left};
use crate::support::bucket::{BOTH, block, keys, remote_with};
use crate::support::stack::{Stack, stack};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const MIGRATE: &[&str] = &["init", "-migrate-state", "-force-copy"];
/// So that no sentence is broken.
const WIDE: &str = "1000";
const MAIN: &str = "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n";

/// The objects are there once, and known.
#[track_caller]
fn goes_on(stack: &Stack) {
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    assert_eq!((left(stack, "vpc"), left(stack, "subnet")), (1, 1));
}

/// A stack with a bucket that its state is not in yet.
fn beside_a_bucket(main: &str) -> Stack {
    let stack = stack().aws().file("main.tf", main).env("COLUMNS", WIDE);
    assert_eq!(stack.emulator().exchange("s3", "PUT", "/states", "").0, 200);
    stack
}

#[test]
fn a_workspace_whose_first_apply_was_killed_is_there() {
    let stack = remote_with(NETWORK, BOTH).env("COLUMNS", WIDE).env("TF_WORKSPACE", "dev");
    killed(&stack, APPLY, "CreateSubnet", true);
    let stack = stack.without_env("TF_WORKSPACE");
    assert!(!keys(&stack).contains(&"env:/dev/a/state".to_owned()), "{:?}", keys(&stack));
    stack.run(&["workspace", "list"]).succeeds().says("  dev");
    stack.run(&["workspace", "new", "dev"]).fails().says("Workspace \"dev\" already exists");
    stack.run(&["workspace", "delete", "dev"]).fails().says("Error: Workspace is not empty").says("aws_vpc.main");
    // It is not passed over when the states move either.
    stack.plan();
    stack.write("backend.tf", block(BOTH).replace("a/state", "b/state"));
    let refused = stack.run(MIGRATE).fails().says("Error: An interrupted run must be taken up first");
    refused.says("s3://states/env:/dev/a/state").says("workspace \"dev\"").says("key = \"a/state\"");
    stack.write("backend.tf", block(BOTH));
    stack.run(&["workspace", "select", "dev"]).succeeds();
    goes_on(&stack);
    assert_eq!(keys(&stack), ["env:/dev/a/state"]);
}

#[test]
fn a_run_that_was_killed_before_there_was_a_backend_block_is_taken_up() {
    let stack = beside_a_bucket(NETWORK);
    killed(&stack, APPLY, "CreateSubnet", true);
    stack.write("backend.tf", block("use_lockfile = true"));
    let refused = stack.plan().fails().says("Backend initialization required");
    refused.says("what an interrupted run made is known only to").says("terraform.tfstate.journal");
    let refused = stack.run(MIGRATE).fails().says("Error: An interrupted run must be taken up first");
    refused.says("Take the backend block out of the stack.").says("glaz apply -refresh-only");
    // As it says.
    std::fs::remove_file(stack.path("backend.tf")).unwrap();
    stack.run(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    stack.write("backend.tf", block("use_lockfile = true"));
    stack.run(MIGRATE).succeeds().says("Moved the workspace \"default\"");
    goes_on(&stack);
}

#[test]
fn a_journal_alone_is_a_state_that_moves() {
    let stack = beside_a_bucket(MAIN);
    stack.apply().succeeds();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::pinned(std::time::Duration::from_secs(1_767_225_600), 1);
        let path = stack.path("terraform.tfstate");
        let made = glaz::state::load(&mut Store::file(&path), &clock).await.unwrap().state.instances;
        std::fs::write(&path, "").unwrap();
        let mut store = Store::file(&path);
        let loaded = glaz::state::load(&mut store, &clock).await.unwrap();
        let journal = glaz::state::begin(&store, &loaded, "apply", &clock).await.unwrap();
        let changes = made.into_iter().map(|(key, instance)| (key, Some(Box::new(instance)))).collect();
        journal.record(&Entry::Set { changes }).await.unwrap();
    });
    stack.write("backend.tf", block(""));
    stack.plan().fails().says("known only to").says("terraform.tfstate.journal").says("glaz init -migrate-state");
    stack.run(MIGRATE).succeeds().says("Moved the workspace \"default\"");
    stack.assert_nothing_to_do();
    let files = stack.files();
    assert!(files.contains(&"terraform.tfstate.journal.backup".to_owned()), "{files:?}");
    assert!(!files.contains(&"terraform.tfstate.journal".to_owned()), "{files:?}");
    std::fs::remove_dir_all(stack.path(".terraform")).unwrap();
    stack.assert_nothing_to_do();
}

#[test]
fn a_run_whose_journal_another_run_removes_stops_and_keeps_it() {
    let waiting = "touch reached; while [ ! -e opened ]; do sleep 0.05; done";
    let main = format!(
        "{MAIN}resource \"terraform_data\" \"b\" {{\n  input = terraform_data.a.id\n  provisioner \"local-exec\" {{\n    command = \"{waiting}\"\n  }}\n}}\nresource \"terraform_data\" \"c\" {{\n  input = terraform_data.b.id\n}}\n"
    );
    let stack = stack().file("main.tf", main).env("COLUMNS", WIDE);
    let run = stack.start(&["apply", "-auto-approve", "-lock=false"]);
    for _ in 0..1200 {
        if stack.path("reached").exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    // As another run without a lock does that ends meanwhile.
    std::fs::remove_file(stack.path("terraform.tfstate.journal")).unwrap();
    stack.write("opened", "");
    let ended = run.wait().fails().says("The journal belongs to another run now");
    ended.says("What this run did is in").says("terraform.tfstate.journal.1").never_says("terraform_data.c: Creating");
    let kept = stack.read("terraform.tfstate.journal.1");
    assert!(kept.contains("terraform_data.a") && kept.contains("terraform_data.b"), "{kept}");
    assert!(!stack.path("terraform.tfstate").exists() && !stack.path("terraform.tfstate.journal").exists());
}

#[test]
fn a_journal_that_may_not_be_deleted_is_a_warning() {
    let stack = remote_with(MAIN, "dynamodb_table = \"locks\"").env("COLUMNS", WIDE);
    stack.emulator().faults(
        r#"[{"service": "s3", "operation": "DeleteObject", "kind": "deny"}, {"service": "s3", "operation": "DeleteObjects", "kind": "deny"}]"#,
    );
    for input in ["1", "2"] {
        stack.write("main.tf", MAIN.replace('1', input));
        let applied = stack.apply().succeeds().says("Apply complete!").says("Warning: The journal was not removed");
        applied.says("s3:DeleteObject on a/state.journal/* in the bucket states").never_says("Error");
        let plan = stack.plan().ends_with(0);
        plan.never_says("journal");
    }
    stack.run(&["state", "mv", "terraform_data.a", "terraform_data.b"]).succeeds().says("The journal was not removed");
    stack.run(&["state", "mv", "terraform_data.b", "terraform_data.a"]).succeeds();
    let pulled = stack.run(&["state", "pull"]).succeeds().out;
    stack.write("pushed", pulled.replace("\"serial\": 4", "\"serial\": 5"));
    stack.run(&["state", "push", "pushed"]).succeeds();
    stack.plan().ends_with(0).never_says("journal");
    stack.emulator().no_faults();
    stack.write("main.tf", MAIN.replace('1', "3"));
    stack.apply().succeeds().never_says("journal");
    assert_eq!(keys(&stack), ["a/state"]);
}
