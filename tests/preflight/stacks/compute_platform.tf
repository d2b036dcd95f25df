resource "aws_codedeploy_app" "web" {
  compute_platform = "Server"
}
