# A range of ports, in which the one for the load balancer lies.
locals {
  container = {
    name         = "web"
    image        = "${aws_ecr_repository.web.repository_url}:3f2a91c"
    portMappings = [{ containerPortRange = "8000-8099" }]
  }
}
