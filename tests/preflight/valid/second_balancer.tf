# Two names of one load balancer, of which nobody can tell yet that they are one.
resource "aws_lb_listener" "test" {
  load_balancer_arn = terraform_data.balancer.id
}

# --- beside it ---

resource "terraform_data" "balancer" {}
