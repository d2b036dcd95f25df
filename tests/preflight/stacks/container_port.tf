locals {
  container = {
    name         = "web"
    image        = "${aws_ecr_repository.web.repository_url}:3f2a91c"
    portMappings = [{ containerPort = 80 }]
  }
}
