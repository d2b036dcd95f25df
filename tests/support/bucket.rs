//! Stacks whose state is in a bucket of the emulator.

use regex::Regex;

use super::stack::{Stack, stack};

/// The block that puts the state there.
pub fn block(more: &str) -> String {
    format!(
        "terraform {{\n  backend \"s3\" {{\n    bucket         = \"states\"\n    key            = \"a/state\"\n    use_path_style = true\n    {more}\n  }}\n}}\n"
    )
}

/// A stack with this file, a bucket and a table for its state.
pub fn remote_with(main: &str, more: &str) -> Stack {
    let stack = stack().file("main.tf", main).file("backend.tf", block(more)).aws();
    assert_eq!(stack.emulator().exchange("s3", "PUT", "/states", "").0, 200);
    let table = r#"{"TableName":"locks","KeySchema":[{"AttributeName":"LockID","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"LockID","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}"#;
    let (status, answer) = stack.emulator().exchange("dynamodb", "DynamoDB_20120810.CreateTable", "/", table);
    assert_eq!(status, 200, "{answer}");
    stack
}

/// Both kinds of locks.
pub const BOTH: &str = "use_lockfile = true\n    dynamodb_table = \"locks\"";

/// The keys of its objects.
pub fn keys(stack: &Stack) -> Vec<String> {
    let (_, answer) = stack.emulator().exchange("s3", "GET", "/states?list-type=2", "");
    Regex::new("<Key>([^<]*)</Key>").unwrap().captures_iter(&answer).map(|found| found[1].to_owned()).collect()
}

/// An object's text.
pub fn object(stack: &Stack, key: &str) -> String {
    let (status, answer) = stack.emulator().exchange("s3", "GET", &format!("/states/{key}"), "");
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Writes an object.
pub fn put(stack: &Stack, key: &str, text: &str) {
    assert_eq!(stack.emulator().exchange("s3", "PUT", &format!("/states/{key}"), text).0, 200);
}

/// The items of the table.
pub fn items(stack: &Stack) -> serde_json::Value {
    let (_, answer) = stack.emulator().exchange("dynamodb", "DynamoDB_20120810.Scan", "/", r#"{"TableName":"locks"}"#);
    serde_json::from_str::<serde_json::Value>(&answer).unwrap()["Items"].clone()
}

/// Writes the checksum of the state.
pub fn set_digest(stack: &Stack, digest: &str) {
    let item = format!(
        r#"{{"TableName":"locks","Item":{{"LockID":{{"S":"states/a/state-md5"}},"Digest":{{"S":"{digest}"}}}}}}"#
    );
    assert_eq!(stack.emulator().exchange("dynamodb", "DynamoDB_20120810.PutItem", "/", &item).0, 200);
}
