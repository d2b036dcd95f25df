# Secrets by name and by an address that is known after apply.
locals {
  container = {
    name         = "web"
    image        = "${aws_ecr_repository.web.repository_url}:3f2a91c"
    portMappings = [{ containerPort = 8080 }]
    secrets = [
      { name = "TOKEN", valueFrom = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:web-AbCdEf:token::" },
      { name = "LATER", valueFrom = terraform_data.secret.id },
    ]
  }
}

# --- beside it ---

resource "terraform_data" "secret" {}
