//! Questions on a terminal: values of variables that nobody gave, and approval. Python gives the terminal.

use crate::support::stack::{Stack, stack};

/// Runs glaz on a terminal, answers each question with the next line, and prints what the terminal shows.
const TERMINAL: &str = r#"
import os, pty, sys
answers = sys.argv[1].encode().split(b"|")
pid, fd = pty.fork()
if pid == 0:
    os.execv(os.environ["glaz"], ["glaz"] + sys.argv[2:])
shown = b""
asked = 0
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    shown += got
    while asked < len(answers) and shown.count(b"Enter a value:") > asked:
        os.write(fd, answers[asked] + b"\n")
        asked += 1
sys.stdout.write(shown.decode().replace("\r\n", "\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

pub(super) fn ask(stack: &Stack, answers: &str, args: &str) -> crate::support::stack::Output {
    stack.write("../terminal.py", TERMINAL);
    stack.start_shell(&format!("python3 ../terminal.py '{answers}' {args}")).wait()
}

fn questions() -> Stack {
    stack().file(
        "main.tf",
        r#"
variable "size" {
  type        = number
  description = "How many.\nA whole number."
}

variable "password" {
  sensitive = true
}

variable "given" {}

resource "terraform_data" "a" {
  input = "${var.size + 1} ${var.given} ${length(var.password)}"
}

output "a" {
  value     = nonsensitive(terraform_data.a.output)
}
"#,
    )
}

#[test]
fn values_and_approval_are_asked_for() {
    let stack = questions().env("TF_VAR_given", "x");
    let applied = ask(&stack, "hunter2|2|yes", "apply").succeeds();
    let text = applied.text();
    let before = &text[..text.find("glaz used").unwrap()];
    for question in ["var.password\n\n  Enter a value:", "var.size\n  How many.\n  A whole number.\n\n  Enter a value:"]
    {
        assert!(before.contains(question), "{question:?} is not in:\n{before}");
    }
    assert!(text.contains("a = \"3 x 7\""), "{text}");
    applied.never_says("hunter2");
    ask(&stack, "hunter3|3|no", "apply").fails().says("Cancelled. Nothing was changed.");
}

#[test]
fn nobody_is_asked_who_does_not_want_it() {
    let stack = questions();
    stack.plan().fails().says("No value for required variable");
    ask(&stack, "", "plan -input=false").fails().says("No value for required variable").never_says("Enter a value");
    let given = "-var size=1 -var password=p -var given=g";
    ask(&stack, "", &format!("apply -input=false {given}")).fails().says("error asking for approval: EOF");
    ask(&stack.env("TF_INPUT", "0"), "", "plan").fails().says("No value for required variable");
}
