//! Cases of `aws_iam_role_policy`.

use crate::support::cases::{Cases, run};

#[test]
fn role_policy() {
    run(&Cases {
        type_name: "aws_iam_role_policy",
        setup: concat!(
            include_str!("setups/policy_documents.tf"),
            r#"resource "aws_iam_role" "it" {
  name               = "it"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"#
        ),
        minimal: r#"role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.one.json"#,
        full: &[
            r#"name = "full"
role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.one.json"#,
            r#"name_prefix = "full-"
role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.one.json"#,
        ],
        changes: &[
            r#"role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.two.json"#,
            r#"role   = aws_iam_role.it.name
policy = data.aws_iam_policy_document.one.json"#,
        ],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
