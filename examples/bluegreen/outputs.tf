output "url" {
  description = "Where the service answers, once its zone is delegated."
  value       = module.service.url
}

output "load_balancer_url" {
  description = "Where it answers at once."
  value       = module.service.load_balancer_url
}

output "test_url" {
  description = "Where a new revision can be seen before it gets traffic."
  value       = module.service.test_url
}

output "name_servers" {
  description = "Delegate the zone to these."
  value       = module.service.name_servers
}

output "ecr_url" {
  description = "Where images are pushed to."
  value       = module.service.ecr_repository_url
}

output "push_commands" {
  description = "How to push an image, tagged with the commit."
  value       = <<-EOT
    aws ecr get-login-password --region ${var.region} | docker login --username AWS --password-stdin ${module.service.ecr_registry}
    docker build --platform linux/amd64 --tag ${module.service.ecr_repository_url}:$(git rev-parse --short HEAD) .
    docker push ${module.service.ecr_repository_url}:$(git rev-parse --short HEAD)
  EOT
}

output "cluster" {
  description = "Name of the ECS cluster."
  value       = module.service.cluster_name
}

output "service" {
  description = "Name of the ECS service."
  value       = module.service.service_name
}

output "codedeploy" {
  description = "Application and deployment group."
  value = {
    application      = module.service.codedeploy_app_name
    deployment_group = module.service.codedeploy_deployment_group_name
  }
}

output "log_group" {
  description = "Where the tasks log."
  value       = module.service.log_group_name
}

output "deployer_policy_arn" {
  description = "Policy for the CI that pushes images and deploys them."
  value       = module.service.deployer_policy_arn
}

output "appspec" {
  description = "appspec.yaml for a pipeline."
  value       = module.service.appspec
}
