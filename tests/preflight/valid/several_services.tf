# Services of other stacks and the same names: a second one behind the same target groups, one under another cluster, one
# that somebody else deploys.
# --- beside it ---

resource "aws_ecs_cluster" "other" {
  name = "other"
}

resource "aws_ecs_service" "same_name" {
  name            = "web"
  cluster         = aws_ecs_cluster.other.arn
  task_definition = "web:7"
  launch_type     = "FARGATE"
  desired_count   = 1

  network_configuration {
    subnets         = ["subnet-0123456789abcdef0"]
    security_groups = [aws_security_group.tasks.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.blue.arn
    container_name   = "other"
    container_port   = 8080
  }
}

resource "aws_ecs_service" "external" {
  name          = "external"
  cluster       = terraform_data.cluster.id
  desired_count = 1

  deployment_controller {
    type = "EXTERNAL"
  }
}

resource "aws_ecs_service" "deployed" {
  name            = "deployed"
  cluster         = terraform_data.cluster.id
  task_definition = "deployed"
  launch_type     = "FARGATE"
  desired_count   = 1

  deployment_controller {
    type = "CODE_DEPLOY"
  }

  network_configuration {
    subnets = ["subnet-0123456789abcdef0"]
  }

  load_balancer {
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/deployed/0123456789abcdef"
    container_name   = "web"
    container_port   = 80
  }
}

resource "aws_codedeploy_deployment_group" "deployed" {
  app_name               = aws_codedeploy_app.web.name
  deployment_group_name  = "deployed"
  deployment_config_name = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
  service_role_arn       = "arn:aws:iam::123456789012:role/codedeploy"

  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }

  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout = "CONTINUE_DEPLOYMENT"
    }
    terminate_blue_instances_on_deployment_success {
      action = "TERMINATE"
    }
  }

  ecs_service {
    cluster_name = terraform_data.cluster_name.id
    service_name = aws_ecs_service.deployed.name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shared/0123456789abcdef/0123456789abcdef"]
      }
      target_group {
        name = "deployed"
      }
      target_group {
        name = "deployed-green"
      }
    }
  }
}

resource "terraform_data" "cluster" {}

resource "terraform_data" "cluster_name" {}
