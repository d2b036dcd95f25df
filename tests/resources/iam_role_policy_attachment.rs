//! Cases of `aws_iam_role_policy_attachment`.

use crate::support::cases::{Cases, run};

#[test]
fn role_policy_attachment() {
    run(&Cases {
        type_name: "aws_iam_role_policy_attachment",
        setup: concat!(
            include_str!("setups/policy_documents.tf"),
            include_str!("setups/policies.tf"),
            r#"resource "aws_iam_role" "it" {
  name               = "it"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"#
        ),
        minimal: r#"role       = aws_iam_role.it.name
policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy""#,
        full: &[r#"role       = aws_iam_role.it.name
policy_arn = aws_iam_policy.a.arn"#],
        changes: &[r#"role       = aws_iam_role.it.name
policy_arn = aws_iam_policy.b.arn"#],
        import: Some("{role}/{policy_arn}"),
        import_ignores: &[],
    });
}
