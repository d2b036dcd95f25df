resource "aws_codedeploy_deployment_group" "web" {
  ecs_service {
    cluster_name = aws_ecs_cluster.main.name
    service_name = "wbe"
  }
}
