locals {
  container = {
    name         = "web"
    image        = "${aws_ecr_repository.web.repository_url}:latest"
    portMappings = [{ containerPort = 8080 }]
  }
}
