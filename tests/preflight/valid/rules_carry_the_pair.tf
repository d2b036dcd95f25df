# By default both listeners say no, each in its way; rules carry the pair.
resource "aws_lb_listener" "production" {
  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener" "test" {
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.maintenance.arn
  }
}

# --- beside it ---

resource "aws_lb_target_group" "maintenance" {
  name        = "maintenance"
  target_type = "lambda"
}

resource "aws_lb_listener_rule" "web" {
  for_each     = { production = aws_lb_listener.production.arn, test = aws_lb_listener.test.arn }
  listener_arn = each.value

  condition {
    host_header {
      values = ["web.example.com"]
    }
  }

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = 100
      }
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 0
      }
      stickiness {
        enabled  = true
        duration = 300
      }
    }
  }
}
