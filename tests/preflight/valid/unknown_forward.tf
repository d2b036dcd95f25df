# Where the listener leads is known after apply.
resource "aws_lb_listener" "production" {
  default_action {
    type             = "forward"
    target_group_arn = terraform_data.live.id
  }
}

resource "aws_lb_listener" "test" {
  default_action {
    type             = "forward"
    target_group_arn = terraform_data.live.id
  }
}

# --- beside it ---

resource "terraform_data" "live" {}
