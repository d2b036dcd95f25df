//! `remote-exec` and `file` on a machine that the test itself runs.

use std::sync::Arc;

use russh::keys::ssh_key::certificate::CertType;

use crate::support::ssh::{Agent, Doors, Machine, PASSWORD, Proxy, USER, certificate, key, text};
use crate::support::stack::{Stack, stack};

/// A machine with a password.
fn machine() -> Machine {
    Machine::start(Doors { has_password: true, ..Doors::default() })
}

/// A stack of one object with a connection to the machine, these arguments of it and these provisioners.
fn with(machine: &Machine, connection: &str, provisioners: &str) -> Stack {
    let (home, port) = (machine.home(), machine.port);
    let text = format!(
        r#"
variable "password" {{
  default = "{PASSWORD}"
}}

resource "terraform_data" "a" {{
  input = "127.0.0.1"
  connection {{
    host        = self.input
    port        = {port}
    user        = "{USER}"
    script_path = "{}/script_%RAND%.sh"
{connection}
  }}
{provisioners}
}}
"#,
        home.display()
    );
    stack().file("main.tf", text)
}

const PASSWORD_LINE: &str = "    password    = var.password\n";

const HELLO: &str = r#"
  provisioner "remote-exec" {
    inline = ["echo hello from $(basename $PWD | cut -c1-5)"]
  }
"#;

#[test]
fn scripts_are_copied_run_and_emptied() {
    let machine = machine();
    let provisioners = r#"
  provisioner "remote-exec" {
    inline = ["echo one", "echo two; echo -n three"]
  }
  provisioner "remote-exec" {
    scripts = ["a.sh", "b.py"]
  }
"#;
    let stack = with(&machine, PASSWORD_LINE, provisioners)
        .file("a.sh", "echo shell $0 | grep -c script_ >&2\n")
        .file("b.py", "#!/usr/bin/env python3\nprint(6 * 7)\n");
    let applied = stack.apply().succeeds();
    let text = applied.text().replace(&machine.port.to_string(), "[PORT]");
    let from = text.find("terraform_data.a: Creating").unwrap();
    insta::assert_snapshot!(text[from..], @r#"
    terraform_data.a: Creating...
    terraform_data.a: Provisioning with 'remote-exec'...
    terraform_data.a (remote-exec): Connecting to remote host via SSH...
    terraform_data.a (remote-exec):   Host: 127.0.0.1
    terraform_data.a (remote-exec):   User: tester
    terraform_data.a (remote-exec):   Password: true
    terraform_data.a (remote-exec):   Private key: false
    terraform_data.a (remote-exec):   Certificate: false
    terraform_data.a (remote-exec):   SSH Agent: false
    terraform_data.a (remote-exec):   Checking Host Key: false
    terraform_data.a (remote-exec):   Target Platform: unix
    terraform_data.a (remote-exec): Connected!
    terraform_data.a (remote-exec): one
    terraform_data.a (remote-exec): two
    terraform_data.a (remote-exec): three
    terraform_data.a: Provisioning with 'remote-exec'...
    terraform_data.a (remote-exec): Connecting to remote host via SSH...
    terraform_data.a (remote-exec):   Host: 127.0.0.1
    terraform_data.a (remote-exec):   User: tester
    terraform_data.a (remote-exec):   Password: true
    terraform_data.a (remote-exec):   Private key: false
    terraform_data.a (remote-exec):   Certificate: false
    terraform_data.a (remote-exec):   SSH Agent: false
    terraform_data.a (remote-exec):   Checking Host Key: false
    terraform_data.a (remote-exec):   Target Platform: unix
    terraform_data.a (remote-exec): Connected!
    terraform_data.a (remote-exec): 1
    terraform_data.a (remote-exec): 42
    terraform_data.a: Creation complete after [TIME] [id=[UUID]]

    Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
    "#);
    let left: Vec<u64> =
        std::fs::read_dir(machine.home()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).collect();
    assert_eq!(left, [0, 0, 0], "nothing of the scripts is left");
    stack.assert_nothing_to_do();
}

#[test]
fn a_script_that_fails_taints_the_object() {
    let machine = machine();
    let provisioners = r#"
  provisioner "remote-exec" {
    inline = ["set -e", "echo before", "exit 7", "echo after"]
  }
  provisioner "file" {
    content     = "x"
    destination = "never"
  }
"#;
    let stack = with(&machine, PASSWORD_LINE, provisioners);
    stack
        .apply()
        .fails()
        .says("remote-exec provisioner error")
        .says("Process exited with status 7")
        .never_says("echo after");
    stack.plan().ends_with(2).says("is tainted, so must be replaced");
    assert!(!machine.home().join("never").exists());
    assert!(std::fs::read_dir(machine.home()).unwrap().all(|file| file.unwrap().metadata().unwrap().len() == 0));
}

#[test]
fn files_and_folders() {
    let machine = machine();
    let large = "0123456789abcdef".repeat(300_000);
    let provisioners = r#"
  provisioner "file" {
    content     = "id ${self.input}\n"
    destination = "content.txt"
  }
  provisioner "file" {
    source      = "large"
    destination = "it is large"
  }
  provisioner "file" {
    source      = "tree"
    destination = "."
  }
  provisioner "file" {
    source      = "tree/"
    destination = "flat"
  }
"#;
    let stack = with(&machine, PASSWORD_LINE, provisioners)
        .file("large", &large)
        .file("tree/a", "a")
        .file("tree/inner/deep/b", "")
        .file("tree/inner/c d", "c");
    std::fs::create_dir(machine.home().join("flat")).unwrap();
    std::os::unix::fs::symlink("inner", stack.path("tree/link")).unwrap();
    stack.apply().succeeds();
    assert_eq!(machine.read("content.txt"), "id 127.0.0.1\n");
    assert!(machine.read("it is large") == large);
    for name in ["tree", "flat"] {
        assert_eq!(machine.read(&format!("{name}/a")), "a");
        assert_eq!(machine.read(&format!("{name}/inner/deep/b")), "");
        assert_eq!(machine.read(&format!("{name}/inner/c d")), "c");
        assert_eq!(machine.read(&format!("{name}/link/c d")), "c");
    }
}

#[test]
fn a_file_that_is_not_taken() {
    let machine = Machine::start(Doors { has_password: true, is_full: true, ..Doors::default() });
    let provisioners = r#"
  provisioner "file" {
    content     = "x"
    destination = "y"
  }
"#;
    let stack = with(&machine, PASSWORD_LINE, provisioners);
    stack.apply().fails().says("file provisioner error").says("Upload failed: scp: No space left on device");
    stack.write("main.tf", stack.read("main.tf").replace("content     = \"x\"", "source = \"nothing\""));
    stack.apply().fails().says("The source 'nothing' cannot be read");
}

#[test]
fn ways_of_logging_in() {
    let (own, authority) = (key(), key());
    let certificate = certificate(&authority, own.public_key(), CertType::User, USER).to_openssh().unwrap();
    let private = "    private_key = file(\"id\")\n";
    let cases = [
        (Doors { key: Some(own.public_key().clone()), ..Doors::default() }, private, "login with key"),
        (
            Doors { authority: Some(authority.public_key().clone()), ..Doors::default() },
            "    private_key = file(\"id\")\n    certificate = file(\"id-cert.pub\")\n",
            "login with certificate",
        ),
        (Doors { asks: true, ..Doors::default() }, PASSWORD_LINE, "login with answers"),
        (Doors { has_password: true, fails_first: 2, ..Doors::default() }, PASSWORD_LINE, "login with password"),
    ];
    for (doors, connection, how) in cases {
        let machine = Machine::start(doors);
        let stack = with(&machine, connection, HELLO).file("id", text(&own)).file("id-cert.pub", &certificate);
        stack.apply().succeeds().says("terraform_data.a (remote-exec): hello from glaz-");
        assert!(machine.told().contains(&how.to_owned()), "{:?}", machine.told());
    }
}

#[test]
fn with_the_keys_of_an_agent() {
    let (own, agent) = (key(), Agent::start());
    agent.add(&key());
    agent.add(&own);
    let machine = Machine::start(Doors { key: Some(own.public_key().clone()), ..Doors::default() });
    let stack = with(&machine, "", HELLO).env("SSH_AUTH_SOCK", agent.socket().to_str().unwrap());
    stack.apply().succeeds().says("SSH Agent: true").says("hello from glaz-");
    assert_eq!(machine.told()[..2], ["login with key", "agent offered"]);
    let unwanted = with(&machine, "    agent = false\n    timeout = \"5s\"\n", HELLO);
    unwanted.env("SSH_AUTH_SOCK", agent.socket().to_str().unwrap()).apply().fails().says("SSH authentication failed");
}

#[test]
fn nobody_is_let_in_for_ever() {
    let machine = Machine::start(Doors::default());
    let stack = with(&machine, &format!("{PASSWORD_LINE}    timeout = \"20s\"\n"), HELLO);
    let applied = stack.apply().fails();
    applied.says("timeout - last error: SSH authentication failed (tester@127.0.0.1:").never_says(PASSWORD);
}

#[test]
fn the_machine_must_be_the_one_that_is_meant() {
    let authority = Arc::new(key());
    let machine =
        Machine::start(Doors { has_password: true, host_authority: Some(authority.clone()), ..Doors::default() });
    let expected =
        |key: &russh::keys::PublicKey| format!("{PASSWORD_LINE}    host_key = \"{}\"\n", key.to_openssh().unwrap());
    let other = with(&machine, &expected(key().public_key()), HELLO);
    other.apply().fails().says("is not trusted: its key").never_says("hello");
    assert_eq!(machine.told(), Vec::<String>::new(), "nothing was told to it");
    with(&machine, &expected(&machine.host_key), HELLO).apply().succeeds();
    let signed = with(&machine, &expected(authority.public_key()), HELLO);
    signed.write("main.tf", signed.read("main.tf").replace("127.0.0.1", "localhost"));
    signed.apply().succeeds();
    let another_name = with(&machine, &expected(authority.public_key()), HELLO);
    another_name.apply().fails().says("is not trusted: its key");
}

#[test]
fn through_a_bastion_and_a_proxy() {
    let (machine, bastion, proxy) = (machine(), machine(), Proxy::start());
    let connection = format!(
        "{PASSWORD_LINE}    bastion_host = \"127.0.0.1\"\n    bastion_port = {}\n    proxy_host = \"127.0.0.1\"\n    proxy_port = {}\n    proxy_user_name = \"p\"\n    proxy_user_password = \"secret\"\n",
        bastion.port, proxy.port
    );
    let stack = with(&machine, &connection, HELLO);
    stack.apply().succeeds().says("Using configured bastion host...").says("hello from glaz-").never_says("secret");
    assert!(bastion.told().contains(&"connection to 127.0.0.1".to_owned()), "{:?}", bastion.told());
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with(&format!("CONNECT 127.0.0.1:{} HTTP/1.1\r\n", bastion.port)), "{heads:?}");
    assert!(heads[0].contains("Proxy-Authorization: Basic cDpzZWNyZXQ="), "{heads:?}");
}

#[test]
fn through_a_socks_proxy() {
    let (machine, proxy) = (machine(), Proxy::start());
    for user in ["", "    proxy_user_name = \"p\"\n    proxy_user_password = \"secret\"\n"] {
        let connection = format!(
            "{PASSWORD_LINE}    proxy_scheme = \"socks5\"\n    proxy_host = \"127.0.0.1\"\n    proxy_port = {}\n{user}",
            proxy.port
        );
        with(&machine, &connection, HELLO).apply().succeeds().says("hello from glaz-");
    }
    assert_eq!(proxy.heads(), ["socks 127.0.0.1", "socks 127.0.0.1 p secret"]);
}

#[test]
fn a_provisioner_has_a_connection_of_its_own() {
    let machine = machine();
    let provisioners = r#"
  provisioner "remote-exec" {
    inline = ["echo own"]
    connection {
      host     = "localhost"
      password = var.password
    }
  }
"#;
    let stack = with(&machine, "", provisioners);
    stack.apply().succeeds().says("Host: localhost").says("terraform_data.a (remote-exec): own");
}

#[test]
fn a_sensitive_connection_hides_the_output() {
    let machine = machine();
    let stack = with(&machine, PASSWORD_LINE, HELLO);
    stack.write("main.tf", stack.read("main.tf").replace("default = ", "sensitive = true\n  default = "));
    stack.apply().succeeds().says("(output suppressed due to sensitive value in config)").never_says("hello");
    stack.write("main.tf", stack.read("main.tf").replace("when =", "").replace("inline", "when = destroy\n    inline"));
    stack.apply().fails().says("Invalid reference from destroy provisioner");
}

#[test]
fn ctrl_c_gives_the_machine_up() {
    let machine = machine();
    let stack = with(&machine, PASSWORD_LINE, &HELLO.replace("echo hello", "touch started; sleep 600; echo hello"));
    let run = stack.start(&["apply", "-auto-approve"]);
    let start = std::time::Instant::now();
    while !machine.home().join("started").exists() {
        assert!(start.elapsed() < std::time::Duration::from_secs(60), "it never starts");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    run.interrupt();
    run.wait().fails().says("It was stopped before it was done");
    stack.plan().ends_with(2).says("is tainted");
}
