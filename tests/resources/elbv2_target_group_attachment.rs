//! Cases of `aws_lb_target_group_attachment`.

use crate::support::cases::{Cases, run};

#[test]
fn target_group_attachment() {
    run(&Cases {
        type_name: "aws_lb_target_group_attachment",
        setup: r#"resource "aws_vpc" "it" { cidr_block = "10.9.0.0/16" }
resource "aws_lb_target_group" "it" {
  name        = "it"
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.it.id
}"#,
        minimal: r#"target_group_arn = aws_lb_target_group.it.arn
target_id        = "10.9.0.10""#,
        full: &[r#"target_group_arn = aws_lb_target_group.it.arn
target_id        = "10.9.0.10"
port              = 8080
availability_zone = "eu-west-1a""#],
        changes: &[r#"target_group_arn = aws_lb_target_group.it.arn
target_id        = "10.9.0.10"
port = 8081"#],
        import: Some("{id}"),
        import_ignores: &[],
    });
}
