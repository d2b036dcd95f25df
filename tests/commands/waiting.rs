//! What waits for what a `depends_on` names.

use crate::support::stack::stack;

const FILES: &str = r#"
resource "terraform_data" "first" {
  provisioner "local-exec" {
    command = "test ! -e bad"
  }
}

module "gated" {
  source     = "./m"
  depends_on = [terraform_data.first]
}

module "fed" {
  source = "./m"
  v      = terraform_data.first.id
}

resource "terraform_data" "after_gated" {
  depends_on = [module.gated]
}

resource "terraform_data" "after_fed" {
  depends_on = [module.fed]
}
"#;

/// Also when nothing in the module uses it, as Terraform has it.
#[test]
fn a_module_is_not_done_before_what_it_waits_for_and_is_given() {
    let stack =
        stack().file("main.tf", FILES).file("m/main.tf", "variable \"v\" {\n  default = 1\n}\n").file("bad", "");
    stack.apply().fails().says("local-exec provisioner error");
    assert_eq!(stack.instances(), ["terraform_data.first"]);
    std::fs::remove_file(stack.path("bad")).unwrap();
    stack.apply().succeeds();
    let state = stack.state();
    let resources = state["resources"].as_array().unwrap().iter();
    let needs: Vec<_> =
        resources.map(|one| &one["instances"][0]["dependencies"]).filter(|one| !one.is_null()).collect();
    assert_eq!(serde_json::json!(needs), serde_json::json!([["terraform_data.first"], ["terraform_data.first"]]));
}
