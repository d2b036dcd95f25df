resource "aws_codedeploy_deployment_group" "web" {
  deployment_config_name = aws_codedeploy_deployment_config.own.id
}

# --- beside it ---

resource "aws_codedeploy_deployment_config" "own" {
  deployment_config_name = "own"
  compute_platform       = "Server"

  minimum_healthy_hosts {
    type  = "HOST_COUNT"
    value = 1
  }
}
