//! Cases of `aws_iam_instance_profile`.

use crate::support::cases::{Cases, run};

#[test]
fn instance_profile() {
    run(&Cases {
        type_name: "aws_iam_instance_profile",
        setup: r#"data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "it" {
  name               = "it"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role" "other" {
  name               = "other"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}"#,
        minimal: r#"name = "it""#,
        full: &[r#"name_prefix = "full-"
path        = "/service/"
role        = aws_iam_role.it.name
tags        = { Name = "full" }"#],
        changes: &[
            r#"name = "it"
role = aws_iam_role.it.name"#,
            r#"name = "it"
role = aws_iam_role.other.name
tags = { Name = "it" }"#,
            r#"name = "it"
tags = { Name = "other" }"#,
            r#"name = "it""#,
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
