# The container's name is known after apply, and comes by two ways.
locals {
  container = {
    name         = terraform_data.name.id
    image        = "${aws_ecr_repository.web.repository_url}:3f2a91c"
    portMappings = [{ containerPort = 8080 }]
  }
}

# --- beside it ---

resource "terraform_data" "name" {}
