//! `random_shuffle`, `random_bytes`, `random_uuid` and `null_data_source`.

use crate::support::stack::stack;

#[test]
fn objects_whose_ids_are_equal_are_kept_apart() {
    let stack = stack().file(
        "main.tf",
        "resource \"random_shuffle\" \"a\" {\n  input = [\"a\", \"b\", \"c\"]\n}\n\
         resource \"random_shuffle\" \"b\" {\n  input = [\"d\"]\n  result_count = 3\n}\n\
         resource \"random_bytes\" \"a\" {\n  length = 4\n}\n\
         resource \"random_bytes\" \"b\" {\n  length = 5\n}\n\
         resource \"random_uuid\" \"a\" {}\n\
         output \"b\" {\n  value = random_shuffle.b.result\n}\n\
         output \"uuid\" {\n  value = random_uuid.a.result == random_uuid.a.id\n}\n",
    );
    let applied = stack.apply().succeeds();
    assert_eq!(stack.state()["outputs"]["b"]["value"], serde_json::json!(["d", "d", "d"]));
    assert_eq!(stack.state()["outputs"]["uuid"]["value"], true);
    let state = stack.state();
    let bytes = state["resources"].as_array().unwrap().iter().find(|one| one["type"] == "random_bytes").unwrap();
    let hex = bytes["instances"][0]["attributes"]["hex"].as_str().unwrap().to_owned();
    assert_eq!(hex.len(), 8);
    applied.never_says(&hex);
    stack.assert_nothing_to_do();
    stack.run(&["show"]).succeeds().never_says(&hex);
}

#[test]
fn null_data_source_copies() {
    let stack = stack().file(
        "main.tf",
        "data \"null_data_source\" \"a\" {\n  inputs = { x = \"y\" }\n}\n\
         output \"a\" {\n  value = [data.null_data_source.a.outputs.x, data.null_data_source.a.has_computed_default, data.null_data_source.a.id]\n}\n",
    );
    stack.apply().succeeds();
    assert_eq!(stack.state()["outputs"]["a"]["value"], serde_json::json!(["y", "default", "static"]));
}
