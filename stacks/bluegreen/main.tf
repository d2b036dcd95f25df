# What every other file needs: where we are, and how things are called.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  region     = data.aws_region.current.region
  partition  = data.aws_partition.current.partition

  # Everything carries the stack's name; the provider's default_tags come on top.
  tags = merge({ Stack = var.name }, var.tags)

  # One name for the container, used by the task definition, the service and the
  # AppSpec. Three spellings of it are the most common way to break a deployment.
  container_name = var.name

  # Production speaks HTTPS as soon as there is a certificate.
  production_port     = var.tls == null ? 80 : 443
  production_protocol = var.tls == null ? "HTTP" : "HTTPS"
}
