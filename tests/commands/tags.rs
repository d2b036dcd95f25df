//! Tags without a value.

use crate::support::stack::stack;

#[test]
fn a_tag_that_is_null_is_no_tag() {
    let text =
        |tags: &str| format!("resource \"aws_vpc\" \"main\" {{\n  cidr_block = \"10.0.0.0/16\"\n  tags = {tags}\n}}\n");
    let stack = stack().aws().unchecked().file("main.tf", text(r#"{ Name = "v", CostCenter = null }"#));
    stack.apply().succeeds();
    let vpcs = stack
        .emulator()
        .form("ec2", "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag-key&Filter.1.Value.1=CostCenter");
    assert!(!vpcs.contains("CostCenter"), "{vpcs}");
    stack.assert_nothing_to_do();
    let state = stack.state();
    assert_eq!(state["resources"][0]["instances"][0]["attributes"]["tags_all"], serde_json::json!({ "Name": "v" }));
    // A value that comes and goes.
    stack.write("main.tf", text(r#"{ Name = "v", CostCenter = "7" }"#));
    stack.apply().succeeds();
    stack.write("main.tf", text(r#"{ Name = "v", CostCenter = null }"#));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    // Only nulls.
    stack.write("main.tf", text("{ CostCenter = null }"));
    stack.apply().succeeds();
    stack.assert_nothing_to_do();
    stack.destroy().succeeds();
    stack.emulator().assert_empty();
}
