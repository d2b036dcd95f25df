//! Plans about some instances of a block: how far a deletion goes.

use crate::support::stack::{Stack, stack};

const MODULES: &str = r#"
variable "v" {
  default = 1
}

module "app" {
  source   = "./m"
  for_each = toset(["blue", "green"])
  v        = var.v
}

output "apps" {
  value = { for key, app in module.app : key => app.inputs }
}
"#;

const MODULE: &str = r#"
variable "v" {}

resource "terraform_data" "svc" {}

resource "terraform_data" "leaf" {
  count            = 2
  input            = "${var.v}-${count.index}"
  triggers_replace = terraform_data.svc.id
}

module "sub" {
  source = "./sub"
  count  = 2
  svc    = terraform_data.svc.id
}

output "inputs" {
  value = terraform_data.leaf[*].input
}
"#;

const SUB: &str = "variable \"svc\" {}\n\nresource \"terraform_data\" \"end\" {\n  input = var.svc\n}\n";

fn modules() -> Stack {
    stack().file("main.tf", MODULES).file("m/main.tf", MODULE).file("m/sub/main.tf", SUB)
}

/// The instances that are left after a deletion with these flags, without what is in `module.sub`, and how many are in that.
fn left(stack: &Stack, flags: &[&str]) -> (Vec<String>, usize) {
    stack.run(&[&["destroy", "-auto-approve"], flags].concat()).succeeds();
    let (inner, own): (Vec<String>, _) = stack.instances().into_iter().partition(|one| one.contains("module.sub"));
    (own, inner.len())
}

fn of(app: &str) -> Vec<String> {
    ["leaf[0]", "leaf[1]", "svc"].map(|name| format!("module.app[\"{app}\"].terraform_data.{name}")).to_vec()
}

#[test]
fn a_deletion_stays_in_its_module_instance() {
    for target in ["-target=module.app[\"green\"]", "-target=module.app[\"green\"].terraform_data.svc"] {
        let stack = modules();
        stack.apply().succeeds();
        assert_eq!(left(&stack, &[target]), (of("blue"), 2), "{target}");
    }
    let stack = modules();
    stack.apply().succeeds();
    assert_eq!(left(&stack, &["-exclude=module.app[\"blue\"]"]), (of("blue"), 2));
    assert_eq!(left(&stack, &["-exclude=module.app[\"blue\"].module.sub[1]"]), (vec![of("blue")[2].clone()], 1));
}

#[test]
fn a_deletion_of_instances_goes_through_objects_outside() {
    let files = MODULES.replace("var.v\n", "terraform_data.root.id\n")
        + "\nresource \"terraform_data\" \"root\" {\n  input = module.one[\"x\"].id\n}\n\nmodule \"one\" {\n  source = \"./one\"\n  for_each = toset([\"x\", \"y\"])\n}\n";
    let one = "resource \"terraform_data\" \"svc\" {}\n\noutput \"id\" {\n  value = terraform_data.svc.id\n}\n";
    let stack =
        stack().file("main.tf", files).file("m/main.tf", MODULE).file("m/sub/main.tf", SUB).file("one/main.tf", one);
    stack.apply().succeeds();
    // State remembers of the root object only that it needs the module, and not which instance.
    let svc = |key: &str| format!("module.{key}.terraform_data.svc");
    let stay = (vec![svc("app[\"blue\"]"), svc("app[\"green\"]"), svc("one[\"x\"]")], 4);
    assert_eq!(left(&stack, &["-target=module.one[\"y\"]"]), stay);
}
