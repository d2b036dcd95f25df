# CodeDeploy: how a new revision replaces the running one.
#
#   1. as many new tasks as there are old ones, in the idle target group
#   2. the test listener shows them
#   3. (optional) wait for somebody to say go
#   4. production moves over, in the steps of `deployment_config_name`
#   5. the old tasks stay a while for a quick way back, then they are stopped
#
# If anything fails on the way, or someone stops it, traffic goes back.

resource "aws_codedeploy_app" "this" {
  name             = var.name
  compute_platform = "ECS" # the default is Server, and can't be changed later

  tags = local.tags
}

resource "aws_codedeploy_deployment_group" "this" {
  app_name              = aws_codedeploy_app.this.name
  deployment_group_name = var.name
  service_role_arn      = aws_iam_role.codedeploy.arn

  # The default is one for instances, which ECS groups refuse.
  deployment_config_name = var.deployment_config_name

  deployment_style {
    deployment_type   = "BLUE_GREEN"
    deployment_option = "WITH_TRAFFIC_CONTROL"
  }

  ecs_service {
    cluster_name = aws_ecs_cluster.this.name
    service_name = aws_ecs_service.this.name
  }

  load_balancer_info {
    target_group_pair_info {
      # Listeners by ARN, target groups by name.
      prod_traffic_route {
        listener_arns = [aws_lb_listener.production.arn]
      }

      test_traffic_route {
        listener_arns = [aws_lb_listener.test.arn]
      }

      target_group {
        name = aws_lb_target_group.this["blue"].name
      }

      target_group {
        name = aws_lb_target_group.this["green"].name
      }
    }
  }

  blue_green_deployment_config {
    # Either go on as soon as the new tasks are healthy, or stop unless somebody
    # lets the deployment continue within that time.
    deployment_ready_option {
      action_on_timeout    = var.approval_wait_minutes > 0 ? "STOP_DEPLOYMENT" : "CONTINUE_DEPLOYMENT"
      wait_time_in_minutes = var.approval_wait_minutes > 0 ? var.approval_wait_minutes : null
    }

    # Until then the deployment counts as running, and CodeDeploy allows one at a
    # time: keep it below the time between two deployments.
    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = var.termination_wait_minutes
    }
  }

  auto_rollback_configuration {
    enabled = true
    events = concat(
      ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"],
      length(var.rollback_alarm_names) > 0 ? ["DEPLOYMENT_STOP_ON_ALARM"] : [],
    )
  }

  dynamic "alarm_configuration" {
    for_each = length(var.rollback_alarm_names) > 0 ? [1] : []

    content {
      enabled = true
      alarms  = var.rollback_alarm_names
    }
  }

  tags = local.tags

  # CodeDeploy tries the role out when the group is made, and still needs it to
  # clean up when the group goes.
  depends_on = [aws_iam_role_policy_attachment.codedeploy]
}
