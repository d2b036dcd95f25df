//! `glaz login` and `glaz logout`.

use crate::support::stack::stack;

#[test]
fn a_token_that_is_stored_is_removed() {
    let stack = stack();
    stack.run(&["logout", "a.com"]).succeeds().says("No credentials for a.com are stored.");
    let path = stack.path("../home/.terraform.d/credentials.tfrc.json");
    let text = r#"{"credentials": {"A.com": {"token": "s3cret"}, "b.com": {"token": "other"}}, "x": 1}"#;
    stack.write("../home/.terraform.d/credentials.tfrc.json", text);
    stack.run(&["logout", "a.com"]).succeeds().never_says("s3cret");
    let left: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(left, serde_json::json!({"credentials": {"b.com": {"token": "other"}}, "x": 1}));
    std::fs::write(&path, "{\"s3cret\"").unwrap();
    stack.run(&["logout", "a.com"]).fails().says("Error: Invalid credentials file").never_says("s3cret");
}

#[test]
fn nobody_can_be_asked() {
    let stack = stack();
    stack.run(&["login"]).fails().says("Error: Login is not possible").says("TF_TOKEN_app_terraform_io");
    stack.run(&["login", "my-host.com:8443"]).fails().says("TF_TOKEN_my__host_com");
    stack.run(&["login", "a/b"]).fails().says("Error: Invalid hostname");
}
