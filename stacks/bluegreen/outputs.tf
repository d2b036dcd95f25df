# --- addresses ---------------------------------------------------------------

output "url" {
  description = "Where the service answers. With a new zone: once that is delegated."
  value       = "${lower(local.production_protocol)}://${coalesce(local.fqdn, aws_lb.this.dns_name)}"
}

output "load_balancer_url" {
  description = "The same by the load balancer's own name, which works at once."
  value       = "${lower(local.production_protocol)}://${aws_lb.this.dns_name}"
}

output "test_url" {
  description = "Where a new revision can be seen before it gets traffic."
  value       = "${lower(local.production_protocol)}://${coalesce(local.fqdn, aws_lb.this.dns_name)}:${var.test_listener_port}"
}

output "name_servers" {
  description = "Delegate the zone to these (at the registrar, or in the parent zone). Empty if the stack has no zone of its own."
  value       = flatten(aws_route53_zone.this[*].name_servers)
}

output "zone_id" {
  description = "Zone of the service's name, or null."
  value       = local.zone_id
}

# --- images ------------------------------------------------------------------

output "ecr_repository_url" {
  description = "Push images here: <url>:<commit>."
  value       = aws_ecr_repository.this.repository_url
}

output "ecr_registry" {
  description = "Log in here. Docker logs in to a registry, not to a repository."
  value       = split("/", aws_ecr_repository.this.repository_url)[0]
}

# --- service -----------------------------------------------------------------

output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_name" {
  description = "Name of the service."
  value       = aws_ecs_service.this.name
}

output "container_name" {
  description = "Name of the container that gets the traffic."
  value       = local.container_name
}

output "container_port" {
  description = "Port of the container that gets the traffic."
  value       = var.container_port
}

output "image" {
  description = "Image of the configured revision."
  value       = local.image
}

output "task_definition_arn" {
  description = "The configured revision. A pipeline may have deployed a later one."
  value       = aws_ecs_task_definition.this.arn
}

output "task_definition_family" {
  description = "Family of the revisions."
  value       = aws_ecs_task_definition.this.family
}

output "log_group_name" {
  description = "Where the tasks log."
  value       = aws_cloudwatch_log_group.this.name
}

# --- deployments -------------------------------------------------------------

output "codedeploy_app_name" {
  description = "Name of the CodeDeploy application."
  value       = aws_codedeploy_app.this.name
}

output "codedeploy_deployment_group_name" {
  description = "Name of the deployment group."
  value       = aws_codedeploy_deployment_group.this.deployment_group_name
}

output "appspec" {
  description = "appspec.yaml for a pipeline, with the right container and port."
  value = templatefile("${path.module}/templates/appspec.yaml.tftpl", {
    container_name = local.container_name
    container_port = var.container_port
  })
}

output "listener_arns" {
  description = "Production and test listener."
  value = {
    production = aws_lb_listener.production.arn
    test       = aws_lb_listener.test.arn
  }
}

output "target_group_names" {
  description = "The blue and the green target group. Which one is live changes with every deployment."
  value       = { for color, group in aws_lb_target_group.this : color => group.name }
}

# --- roles -------------------------------------------------------------------

output "execution_role_arn" {
  description = "Role ECS starts the tasks with."
  value       = aws_iam_role.execution.arn
}

output "task_role_arn" {
  description = "Role the application runs with."
  value       = aws_iam_role.task.arn
}

output "task_role_name" {
  description = "Its name, to attach more policies to."
  value       = aws_iam_role.task.name
}

output "codedeploy_role_arn" {
  description = "Role CodeDeploy works with."
  value       = aws_iam_role.codedeploy.arn
}

output "deployer_policy_arn" {
  description = "Attach this to whoever pushes images and starts deployments."
  value       = aws_iam_policy.deployer.arn
}

# --- network -----------------------------------------------------------------

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Public subnets, by zone."
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "private_subnet_ids" {
  description = "Private subnets, by zone."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}

output "task_security_group_id" {
  description = "Security group of the tasks, to let them into a database, say."
  value       = aws_security_group.tasks.id
}

output "nat_public_ips" {
  description = "Addresses the tasks call the world from."
  value       = [for address in aws_eip.nat : address.public_ip]
}
