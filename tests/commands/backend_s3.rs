//! States in a bucket: the backend `s3` against the emulator.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use crate::support::bucket::{BOTH, block, items, keys, object, put, remote_with, set_digest};
use crate::support::stack::{Running, Stack, stack};

const MAIN: &str =
    "resource \"terraform_data\" \"a\" {\n  input = 1\n}\noutput \"one\" {\n  value = terraform_data.a.output\n}\n";

/// A state as Terraform 1.11.4 wrote it with this backend.
const OF_TERRAFORM: &str = r#"{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 1,
  "lineage": "a29d5eb0-43c2-b7c3-07e1-0d5d2a4d4d48",
  "outputs": {
    "one": {
      "value": 1,
      "type": "number"
    }
  },
  "resources": [
    {
      "mode": "managed",
      "type": "terraform_data",
      "name": "a",
      "provider": "provider[\"terraform.io/builtin/terraform\"]",
      "instances": [
        {
          "schema_version": 0,
          "attributes": {
            "id": "1de0173c-145b-8940-d826-9104d52d5e5e",
            "input": {
              "value": 1,
              "type": "number"
            },
            "output": {
              "value": 1,
              "type": "number"
            },
            "triggers_replace": null
          },
          "sensitive_attributes": []
        }
      ]
    }
  ],
  "check_results": null
}
"#;

/// A lock as Terraform 1.11.4 writes it.
const LOCK_OF_TERRAFORM: &str = r#"{"ID":"d60a82f2-64ee-2a2f-b534-091b72ff0e08","Operation":"OperationTypeApply","Info":"","Who":"root@vm","Version":"1.11.4","Created":"2026-11-21T11:24:48.790362167Z","Path":"states/a/state"}"#;

/// A stack with a bucket and a table.
fn remote(more: &str) -> Stack {
    remote_with(MAIN, more)
}

/// A provisioner that says when it runs and goes on when it is told, through pipes.
struct Gate {
    reached: PathBuf,
    opened: PathBuf,
}

impl Gate {
    fn new(stack: &Stack) -> Self {
        let (reached, opened) = (stack.path("reached"), stack.path("opened"));
        for pipe in [&reached, &opened] {
            assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
        }
        let script = "echo > reached; read line < opened";
        stack.write(
            "gate.tf",
            format!(
                "resource \"terraform_data\" \"b\" {{\n  input = terraform_data.a.id\n  provisioner \"local-exec\" {{\n    command = \"{script}\"\n  }}\n}}\n"
            ),
        );
        Self { reached, opened }
    }

    fn wait(&self) {
        std::fs::File::open(&self.reached).unwrap().read_to_end(&mut Vec::new()).unwrap();
    }

    fn open(&self) {
        std::fs::OpenOptions::new().write(true).open(&self.opened).unwrap().write_all(b"\n").unwrap();
    }
}

#[test]
fn everything_is_where_terraform_has_it() {
    let stack = remote(BOTH);
    let output = stack.apply().succeeds();
    output.clone().says("Warning: Deprecated Parameter").says("Use parameter \"use_lockfile\" instead.");
    assert_eq!(keys(&stack), ["a/state"]);
    let items = items(&stack);
    assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
    assert_eq!(items[0]["LockID"]["S"], "states/a/state-md5");
    assert_eq!(items[0]["Digest"]["S"].as_str().unwrap().len(), 32);
    assert!(!stack.path("terraform.tfstate").exists());
    let remembered: serde_json::Value = serde_json::from_str(&stack.read(".terraform/terraform.tfstate")).unwrap();
    assert_eq!((&remembered["version"], &remembered["backend"]["type"]), (&3.into(), &"s3".into()));
    assert_eq!(remembered["backend"]["config"]["key"], "a/state");
    stack.assert_nothing_to_do();
    stack.run(&["state", "list"]).succeeds().says("terraform_data.a");
    stack.run(&["output", "-raw", "one"]).succeeds().says("1");
    stack.run(&["show"]).succeeds().says("terraform_data.a");
    assert_eq!(stack.run(&["state", "pull"]).succeeds().out, object(&stack, "a/state"));
    stack.run(&["state", "lock-info"]).succeeds().says("s3://states/a/state is not locked.");
    stack.run(&["state", "mv", "terraform_data.a", "terraform_data.c"]).succeeds();
    stack.run(&["taint", "terraform_data.c"]).succeeds();
    stack.run(&["state", "rm", "terraform_data.c"]).succeeds();
    assert_eq!(keys(&stack), ["a/state"]);
    stack.destroy().succeeds();
    // Only what the backend needs was called, and every lock was released.
    let calls: Vec<String> = stack.emulator().calls().into_iter().map(|call| call.operation).collect();
    assert!(
        calls.iter().any(|call| call == "PutItem") && !calls.iter().any(|call| call == "GetCallerIdentity"),
        "{calls:?}"
    );
}

#[test]
fn a_state_of_terraform_goes_on() {
    let stack = remote("use_lockfile = true");
    put(&stack, "a/state", OF_TERRAFORM);
    stack.assert_nothing_to_do();
    stack.write("main.tf", MAIN.replace("input = 1", "input = 2"));
    stack.apply().succeeds().says("0 added, 1 changed");
    let text = object(&stack, "a/state");
    assert!(text.contains("\"serial\": 2") && text.contains("a29d5eb0-43c2-b7c3-07e1-0d5d2a4d4d48"), "{text}");
}

#[test]
fn two_applies_at_once() {
    for lock in ["use_lockfile = true", "dynamodb_table = \"locks\""] {
        let stack = remote(lock);
        let gate = Gate::new(&stack);
        let first = stack.start(&["apply", "-auto-approve"]);
        gate.wait();
        let refused = stack.apply().fails();
        refused.says("Error: The state is locked").says("tester@").says("OperationTypeApply").says("(apply)");
        stack.run(&["apply", "-auto-approve", "-lock-timeout=20s"]).fails().says("was not done after [TIME]");
        stack.run(&["plan", "-lock=false"]).succeeds();
        let info = stack.run(&["state", "lock-info", "-json"]).succeeds().out;
        let info: serde_json::Value = serde_json::from_str(&info).unwrap();
        assert_eq!((&info["Path"], &info["Lease"]["Command"]), (&"states/a/state".into(), &"apply".into()));
        assert!(info["Lease"]["Pid"].is_u64() && info["Lease"]["Expires"].is_string());
        gate.open();
        first.wait().succeeds();
        stack.assert_nothing_to_do();
        stack.run(&["state", "lock-info"]).succeeds().says("is not locked");
    }
}

#[test]
fn a_lock_that_is_taken_away_ends_the_run_with_the_state_right() {
    let stack = remote(BOTH);
    let gate = Gate::new(&stack);
    let first = stack.start(&["apply", "-auto-approve"]);
    gate.wait();
    let info = stack.run(&["state", "lock-info", "-json"]).succeeds().out;
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    stack.run(&["force-unlock", "-force", "another"]).fails().says("does not match the existing lock ID");
    stack.run(&["force-unlock", "another"]).fails().says("Error: Error asking for confirmation");
    stack.run(&["force-unlock", "-force", info["ID"].as_str().unwrap()]).succeeds().says("successfully unlocked");
    gate.open();
    let output = first.wait().fails().says("Error: The state lock was lost").says("Somebody released it");
    output.never_says("Everything that was done is in the state");
    assert!(keys(&stack).iter().all(|key| key.starts_with("a/state.journal/")), "{:?}", keys(&stack));
    // What it did is known to the next run.
    stack.run(&["state", "list"]).succeeds().says("terraform_data.b");
    stack.apply().succeeds().says("0 added");
    assert_eq!(keys(&stack), ["a/state"]);
}

/// Another run takes over what this one has begun, and ends, before this one notices anything.
#[test]
fn a_run_whose_journal_was_taken_over_makes_nothing_more() {
    const TWO: &str = "resource \"aws_vpc\" \"m\" {\n  cidr_block = \"10.0.0.0/16\"\n}\nresource \"aws_vpc\" \"n\" {\n  cidr_block = \"10.1.0.0/16\"\n  depends_on = [aws_vpc.m]\n}\n";
    for lock in ["use_lockfile = true", "dynamodb_table = \"locks\""] {
        let stack = remote_with(MAIN, lock);
        stack.apply().succeeds();
        stack.write("two.tf", TWO);
        stack.emulator().hold(r#"{"operation": "CreateVpc", "after": true}"#);
        let mut first = stack.start(&["apply", "-auto-approve", "-check=false"]);
        while stack.emulator().held().is_empty() {
            assert!(!first.is_over(), "the run ended before its call");
        }
        let info = stack.run(&["state", "lock-info", "-json"]).succeeds().out;
        let info: serde_json::Value = serde_json::from_str(&info).unwrap();
        stack.run(&["force-unlock", "-force", info["ID"].as_str().unwrap()]).succeeds();
        stack.run(&["apply", "-auto-approve", "-check=false", "-target=aws_vpc.m"]).succeeds().says("taken over");
        stack.emulator().release();
        let output = first.wait().fails().says("Error: The journal belongs to another run now");
        output.says("aws_vpc.m was made all the same: vpc-").says("unless another one did so already");
        let vpcs = || stack.emulator().leftovers().iter().filter(|one| one.kind.eq_ignore_ascii_case("vpc")).count();
        assert_eq!(vpcs(), 1);
        assert_eq!(keys(&stack), ["a/state"]);
        stack.run(&["apply", "-auto-approve", "-check=false"]).succeeds().says("1 added, 0 changed, 0 destroyed");
        assert_eq!(vpcs(), 2);
    }
}

#[test]
fn a_killed_run_is_taken_up() {
    let stack = remote(BOTH);
    let gate = Gate::new(&stack);
    let first = stack.start(&["apply", "-auto-approve"]);
    gate.wait();
    first.kill();
    first.wait();
    assert!(keys(&stack).contains(&"a/state.tflock".to_owned()), "{:?}", keys(&stack));
    assert!(!keys(&stack).contains(&"a/state".to_owned()));
    stack.run(&["workspace", "list"]).succeeds();
    stack.run(&["state", "list"]).succeeds().says("terraform_data.a").says("terraform_data.b");
    std::fs::remove_file(stack.path("gate.tf")).unwrap();
    // Its lock is taken over at once: the process is gone.
    stack.apply().succeeds().says("1 destroyed");
    assert_eq!(keys(&stack), ["a/state"]);
    assert_eq!(items(&stack).as_array().unwrap().len(), 1);
    stack.assert_nothing_to_do();
}

#[test]
fn a_lock_of_terraform_is_respected() {
    let stack = remote("use_lockfile = true");
    put(&stack, "a/state.tflock", LOCK_OF_TERRAFORM);
    let refused = stack.apply().fails().says("root@vm").says("It holds until it is");
    assert!(refused.err.contains("glaz force-unlock d60a82f2-64ee-2a2f-b534-091b72ff0e08"), "{}", refused.raw());
    stack.run(&["apply", "-auto-approve", "-lock-timeout=10m"]).fails().says("It holds until it is");
    stack.run(&["force-unlock", "-force", "d60a82f2-64ee-2a2f-b534-091b72ff0e08"]).succeeds();
    stack.apply().succeeds();
    stack.run(&["force-unlock", "-force", "x"]).fails().says("Nobody holds a lock");
}

#[test]
fn a_signal_before_the_run_releases_the_lock() {
    let more = "data \"aws_caller_identity\" \"me\" {}\noutput \"me\" {\n  value = data.aws_caller_identity.me.account_id\n}\n";
    let stack = remote(BOTH).file("more.tf", more);
    for signal in [Running::interrupt, Running::terminate] {
        stack.emulator().hold(r#"{"operation": "GetCallerIdentity", "count": 0}"#);
        let mut run = stack.start(&["apply", "-auto-approve"]);
        while stack.emulator().held().is_empty() {
            assert!(!run.is_over(), "it ended before it asked who calls");
        }
        assert_eq!(keys(&stack), ["a/state.tflock"]);
        signal(&run);
        run.wait().ends_with(130).says("Stopped.");
        assert_eq!((keys(&stack), items(&stack)), (vec![], serde_json::json!([])));
        stack.emulator().drop_held();
    }

    let mut asked = stack.start_on_terminal(&["apply"]);
    asked.sees("Enter a value:").interrupt();
    let (shown, code) = asked.ends();
    assert!(shown.contains("Stopped.") && code == Some(130), "{code:?}: {shown}");
    assert_eq!((keys(&stack), items(&stack)), (vec![], serde_json::json!([])));

    let mut asked = stack.start_on_terminal(&["apply"]);
    asked.sees("Enter a value:").types("yes");
    let (shown, code) = asked.ends();
    assert!(shown.contains("Apply complete!") && code == Some(0), "{code:?}: {shown}");
}

#[test]
fn workspaces() {
    let stack = remote(BOTH);
    stack.apply().succeeds();
    stack.run(&["workspace", "new", "eu"]).succeeds().says("Created and switched to workspace \"eu\"!");
    assert_eq!(keys(&stack), ["a/state", "env:/eu/a/state"]);
    stack.run(&["workspace", "new", "eu"]).fails().says("already exists");
    stack.apply().succeeds();
    stack.run(&["workspace", "list"]).succeeds().says("* eu");
    stack.run(&["workspace", "select", "default"]).succeeds();
    stack.run(&["workspace", "select", "us"]).fails().says("doesn't exist");
    stack.run(&["workspace", "delete", "eu"]).fails().says("Error: Workspace is not empty");
    stack.run(&["workspace", "delete", "-force", "eu"]).succeeds();
    assert_eq!(keys(&stack), ["a/state"]);
    let items = items(&stack);
    assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
}

#[test]
fn a_checksum_that_does_not_fit() {
    let stack = remote("dynamodb_table = \"locks\"");
    stack.apply().succeeds();
    set_digest(&stack, "c396b7d200b089eb1fe6426488660af5");
    let before = object(&stack, "a/state");
    let refused = stack.plan().fails().says("state data in S3 does not have the expected content");
    refused
        .says("Bucket: states")
        .says("Stored checksum:     c396b7d200b089eb1fe6426488660af5")
        .says("set the attribute Digest");
    assert_eq!(object(&stack, "a/state"), before);
    stack.run(&["state", "lock-info"]).succeeds().says("is not locked");
}

#[test]
fn a_bucket_that_is_not_there_is_made_when_asked() {
    let stack = stack().file("main.tf", MAIN).file("backend.tf", block("use_lockfile = true")).aws();
    stack.apply().fails().says("does not exist").says("glaz init -create-bucket");
    stack.run(&["init", "-create-bucket"]).succeeds().says("Made the bucket: encrypted, versioned");
    stack.run(&["init", "-create-bucket"]).succeeds().says("it was left as it is");
    let is = |what: &str, text: &str| {
        let (status, answer) = stack.emulator().exchange("s3", "GET", &format!("/states?{what}"), "");
        assert!(status == 200 && answer.contains(text), "{what}: {answer}");
    };
    is("versioning", "<Status>Enabled</Status>");
    is("encryption", "AES256");
    is("publicAccessBlock", "<RestrictPublicBuckets>true</RestrictPublicBuckets>");
    is("location", "eu-west-1");
    stack.apply().succeeds();
    assert_eq!(keys(&stack), ["a/state"]);
    // Half made: a run was killed after the first call.
    assert_eq!(stack.emulator().exchange("s3", "PUT", "/half", "").0, 200);
    stack.write("backend.tf", block("").replace("\"states\"", "\"half\""));
    stack.run(&["init", "-reconfigure", "-create-bucket"]).succeeds().says("empty and without settings");
    let (_, answer) = stack.emulator().exchange("s3", "GET", "/half?versioning", "");
    assert!(answer.contains("<Status>Enabled</Status>"), "{answer}");
    let local = self::stack().file("main.tf", MAIN);
    local.run(&["init", "-create-bucket"]).fails().says("Invalid init options");
}

#[test]
fn trouble_is_told() {
    let stack = remote("use_lockfile = true");
    stack.apply().succeeds();
    stack.emulator().faults(r#"[{"service": "s3", "operation": "PutObject", "kind": "deny"}]"#);
    stack.write("main.tf", MAIN.replace("input = 1", "input = 2"));
    stack.apply().fails().says("Error: Error acquiring the state lock").says("PutObject");
    stack.emulator().faults(r#"[{"service": "s3", "operation": "GetObject", "kind": "deny"}]"#);
    stack.run(&["output"]).fails().says("Error: Error refreshing state").says("do not allow this call");
    stack.emulator().no_faults();
    // Answers that are lost after the effect.
    stack
        .emulator()
        .faults(r#"[{"service": "s3", "operation": "PutObject", "kind": "error_after", "rate": 0.5, "seed": 3}]"#);
    stack.apply().succeeds();
    stack.emulator().no_faults();
    assert_eq!(keys(&stack), ["a/state"]);
    stack.assert_nothing_to_do();
}

#[test]
fn states_move_between_backends() {
    let stack = stack().file("main.tf", MAIN).aws();
    assert_eq!(stack.emulator().exchange("s3", "PUT", "/states", "").0, 200);
    stack.apply().succeeds();
    stack.run(&["workspace", "new", "eu"]).succeeds();
    stack.apply().succeeds();
    stack.run(&["workspace", "select", "default"]).succeeds();
    stack.write("backend.tf", block("use_lockfile = true"));
    let refused =
        stack.apply().fails().says("Backend initialization required").says("its state is still in terraform.tfstate");
    refused.says("glaz init -migrate-state");
    stack.run(&["init"]).fails().says("Error asking for state migration action");
    stack
        .run(&["init", "-force-copy"])
        .succeeds()
        .says("Moved the workspace \"eu\"")
        .says("Successfully configured the backend \"s3\"!");
    assert_eq!(keys(&stack), ["a/state", "env:/eu/a/state"]);
    assert_eq!(stack.read("terraform.tfstate"), "");
    assert!(stack.read("terraform.tfstate.backup").contains("terraform_data"));
    let eu = "terraform.tfstate.d/eu/terraform.tfstate";
    assert_eq!(stack.read(eu), "");
    assert!(stack.read(&format!("{eu}.backup")).contains("terraform_data"));
    stack.assert_nothing_to_do();
    // Another argument, the same place: nothing is moved, and nobody waits for a lock of ours.
    stack.write("backend.tf", block("use_lockfile = true\n    encrypt = true"));
    stack.run(&["init", "-migrate-state", "-force-copy"]).succeeds().never_says("Moved");
    stack.assert_nothing_to_do();
    // Another key.
    stack.write("backend.tf", block("use_lockfile = true\n    encrypt = true").replace("a/state", "b/state"));
    stack.plan().fails().says("\"key\" was \"a/state\", and is \"b/state\" now");
    stack.run(&["init"]).fails().says("Error: Backend configuration changed");
    stack.run(&["init", "-migrate-state", "-force-copy"]).succeeds();
    assert_eq!(keys(&stack), ["a/state", "b/state", "env:/eu/a/state", "env:/eu/b/state"]);
    stack.assert_nothing_to_do();
    // Back to files.
    std::fs::remove_file(stack.path("backend.tf")).unwrap();
    stack.apply().fails().says("The backend \"s3\" was used last, and there is no backend block now.");
    stack.run(&["init", "-migrate-state", "-force-copy"]).succeeds().says("Successfully unset the backend");
    stack.assert_nothing_to_do();
    stack.run(&["workspace", "select", "eu"]).succeeds();
    stack.assert_nothing_to_do();
}

#[test]
fn a_state_of_another_workspace_is_not_left_behind() {
    let stack = stack().file("main.tf", MAIN).aws();
    assert_eq!(stack.emulator().exchange("s3", "PUT", "/states", "").0, 200);
    stack.run(&["workspace", "new", "eu"]).succeeds();
    stack.apply().succeeds();
    stack.write("backend.tf", block(""));
    let eu = "terraform.tfstate.d/eu/terraform.tfstate";
    stack.apply().fails().says("its state is still in").says(eu);
    let mut asked = stack.start_on_terminal(&["init"]);
    asked.sees("migrate all workspaces").sees("Enter a value:").types("no");
    let (shown, code) = asked.ends();
    assert!(code == Some(1) && shown.contains("Migration aborted by user"), "{code:?}: {shown}");
    assert!(stack.read(eu).contains("terraform_data"));
    stack.run(&["init", "-force-copy"]).succeeds().says("Moved the workspace \"eu\"");
    assert_eq!((keys(&stack), stack.read(eu)), (vec!["env:/eu/a/state".to_owned()], String::new()));
    stack.assert_nothing_to_do();
}

#[test]
fn who_says_no_keeps_the_file() {
    let stack = stack().file("main.tf", MAIN).aws();
    assert_eq!(stack.emulator().exchange("s3", "PUT", "/states", "").0, 200);
    stack.apply().succeeds();
    let before = stack.read("terraform.tfstate");
    stack.write("backend.tf", block(""));
    let mut asked = stack.start_on_terminal(&["init"]);
    asked.sees("copy existing state").sees("Enter a value:").types("no");
    let (shown, code) = asked.ends();
    assert!(code == Some(0) && shown.contains("No state was copied"), "{code:?}: {shown}");
    assert_eq!((stack.read("terraform.tfstate"), keys(&stack)), (before, vec![]));
}

#[test]
fn arguments_beside_the_block() {
    let stack = remote("");
    stack.write("backend.tf", "terraform {\n  backend \"s3\" {\n    use_path_style = true\n  }\n}\n");
    stack.apply().fails().says("Backend initialization required").says("Missing Required Value");
    stack.write("b.hcl", "bucket = \"states\"\nuse_lockfile = true\n");
    stack.run(&["init", "-backend-config=b.hcl", "-backend-config=key=x/state"]).succeeds();
    stack.apply().succeeds();
    assert_eq!(keys(&stack), ["x/state"]);
    stack.run(&["init"]).succeeds();
    stack.assert_nothing_to_do();
    stack.run(&["init", "-backend-config=key=y/state"]).fails().says("Backend configuration changed");
    stack.run(&["init", "-reconfigure", "-backend-config=b.hcl", "-backend-config=key=y/state"]).succeeds();
    stack.apply().succeeds();
    assert_eq!(keys(&stack), ["x/state", "y/state"]);
}

#[test]
fn what_terraform_remembers_is_understood() {
    let stack = remote("use_lockfile = true");
    let remembered = r#"{"version":3,"terraform_version":"1.11.4","backend":{"type":"s3","config":{"access_key":null,"bucket":"states","endpoints":{"dynamodb":null,"s3":null},"key":"a/state","use_lockfile":true,"use_path_style":true,"region":"eu-west-1"},"hash":2309685680}}"#;
    stack.write(".terraform/terraform.tfstate", remembered);
    stack.apply().succeeds();
    let now = stack.read(".terraform/terraform.tfstate");
    assert!(now.contains("2309685680"), "{now}");
    stack.write(".terraform/terraform.tfstate", remembered.replace("a/state", "z/state"));
    stack.plan().fails().says("\"key\" was \"z/state\", and is \"a/state\" now");
}

const ENCRYPTED: &str = r#"
terraform {
  encryption {
    key_provider "pbkdf2" "mine" {
      passphrase = var.passphrase
      iterations = 200000
    }
    method "aes_gcm" "mine" {
      keys = key_provider.pbkdf2.mine
    }
    method "unencrypted" "old" {}
    state {
      method = method.aes_gcm.mine
      fallback {
        method = method.unencrypted.old
      }
    }
    plan {
      method = method.aes_gcm.mine
    }
  }
}
variable "passphrase" {
  sensitive = true
  default   = "correct horse battery staple"
}
"#;

#[test]
fn states_and_plans_are_encrypted() {
    let stack = remote("use_lockfile = true");
    stack.apply().succeeds();
    stack.write("encryption.tf", ENCRYPTED);
    // Nothing else changed, and it is encrypted from now on.
    stack.apply().succeeds();
    let text = object(&stack, "a/state");
    assert!(text.starts_with("{\"serial\":2,\"lineage\":\"") && !text.contains("terraform_data"), "{text}");
    stack.assert_nothing_to_do();
    stack.run(&["output", "-raw", "one"]).succeeds().says("1");
    stack.write("main.tf", MAIN.replace("input = 1", "input = 2"));
    stack.run(&["plan", "-out=p"]).succeeds();
    assert!(stack.read("p").starts_with("{\"meta\":{\"key_provider.pbkdf2.mine\":"));
    stack.run(&["show", "p"]).succeeds().says("terraform_data.a");
    stack.run(&["apply", "p"]).succeeds().says("1 changed");
    // A wrong or a missing key.
    let before = object(&stack, "a/state");
    stack.write("terraform.tfvars", "passphrase = \"wrong horse battery staple\"\n");
    stack.apply().fails().says("Error: Decryption failed").says("the key of key_provider.pbkdf2.mine is another one");
    std::fs::remove_file(stack.path("terraform.tfvars")).unwrap();
    std::fs::remove_file(stack.path("encryption.tf")).unwrap();
    stack.apply().fails().says("Error: The state is encrypted");
    put(&stack, "a/state", &before.replace("\"serial\":3", "\"serial\":4"));
    stack.write("encryption.tf", ENCRYPTED);
    stack.apply().fails().says("Error: Decryption failed").says("serial or lineage");
    assert_eq!(object(&stack, "a/state"), before.replace("\"serial\":3", "\"serial\":4"));
}

#[test]
fn keys_of_kms() {
    let stack = stack().file("main.tf", MAIN).aws();
    let (_, made) = stack.emulator().exchange("kms", "TrentService.CreateKey", "/", "{}");
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let id = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    let text = format!(
        "terraform {{\n  encryption {{\n    key_provider \"aws_kms\" \"k\" {{\n      kms_key_id = \"{id}\"\n      key_spec = \"AES_256\"\n    }}\n    method \"aes_gcm\" \"k\" {{\n      keys = key_provider.aws_kms.k\n    }}\n    state {{\n      method = method.aes_gcm.k\n      enforced = true\n    }}\n  }}\n}}\n"
    );
    stack.write("encryption.tf", text);
    stack.apply().succeeds();
    assert!(stack.read("terraform.tfstate").contains("\"encrypted_data\""));
    stack.assert_nothing_to_do();
    stack.emulator().faults(r#"[{"service": "kms", "operation": "Decrypt", "kind": "deny"}]"#);
    stack.plan().fails().says("The key for the encryption is not available");
}

/// The state of another stack is opened with what the block says of the data source, or of all.
#[test]
fn encrypted_states_of_other_stacks_are_read() {
    let other = remote("use_lockfile = true");
    other.write("encryption.tf", ENCRYPTED);
    other.apply().succeeds();
    let data = "data \"terraform_remote_state\" \"other\" {\n  backend = \"s3\"\n  config = {\n    bucket         = \"states\"\n    key            = \"a/state\"\n    use_path_style = true\n  }\n}\noutput \"two\" {\n  value = data.terraform_remote_state.other.outputs.one + 1\n}\n";
    let stack = stack().env("AWS_ENDPOINT_URL", &other.emulator().url()).file("main.tf", data);
    let refused = stack.plan().fails().says("Error: The state is encrypted").says("remote_state_data_source \"other\"");
    refused.never_says("correct horse");
    let block = |inner: &str| {
        let whole = ENCRYPTED.replace("    plan {\n      method = method.aes_gcm.mine\n    }\n", inner);
        assert_ne!(whole, ENCRYPTED);
        whole
    };
    let one = "    remote_state_data_sources {\n      remote_state_data_source \"NAME\" {\n        method = method.aes_gcm.mine\n      }\n    }\n";
    stack.write("encryption.tf", block(&one.replace("NAME", "other")));
    stack.apply().succeeds().says("two = 2");
    stack.write("encryption.tf", block(&one.replace("NAME", "another")));
    stack.plan().fails().says("Error: The state is encrypted");
    stack.write("encryption.tf", block(&one.replace("remote_state_data_source \"NAME\"", "default")));
    stack.assert_nothing_to_do();
    // A file too, and what is in clear is refused unless that is said.
    stack.write("other.tfstate", object(&other, "a/state"));
    let local = data.replace("backend = \"s3\"", "backend = \"local\"");
    let local = format!(
        "{}{{ path = \"other.tfstate\" }}{}",
        &local[..local.find("{\n    bucket").unwrap()],
        &local[local.find("\n}\noutput").unwrap()..]
    );
    stack.write("main.tf", local);
    stack.assert_nothing_to_do();
    stack.write(
        "other.tfstate",
        r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{},"resources":[]}"#,
    );
    stack.plan().fails().says("is not encrypted");
}

#[test]
fn encryption_that_makes_no_sense() {
    let says = |from: &str, to: &str, expected: &str| {
        assert!(ENCRYPTED.contains(from), "{from}");
        let stack = stack().file("main.tf", MAIN).file("encryption.tf", ENCRYPTED.replace(from, to));
        stack.apply().fails().says(expected);
        assert!(!stack.path("terraform.tfstate").exists());
    };
    says("iterations = 200000", "iterations = 1000", "dangerously low");
    says("correct horse battery staple", "short", "`passphrase` is too short");
    says("key_provider.pbkdf2.mine", "key_provider.pbkdf2.other", "Reference to undeclared key provider");
    says(
        "      method = method.aes_gcm.mine\n      fallback",
        "      method = method.aes_gcm.other\n      fallback",
        "Reference to undeclared encryption method",
    );
    says("\"pbkdf2\" \"mine\"", "\"openbao\" \"mine\"", "Reference to undeclared key provider");
    says("  default   = \"correct horse battery staple\"\n", "", "Variable not available for encryption");
}
