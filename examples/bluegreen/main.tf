# A complete environment around the module in stacks/bluegreen. All choices are
# in variables.tf; dev.tfvars and prod.tfvars make them differently.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # State is a local file. For a team, keep it in a bucket that exists already:
  #
  # backend "s3" {
  #   bucket       = "my-team-state"
  #   key          = "bluegreen/dev.tfstate"
  #   region       = "eu-west-3"
  #   use_lockfile = true
  # }
}

provider "aws" {
  region = var.region

  # On everything that can carry tags; also what you can split the bill by.
  default_tags {
    tags = {
      Project     = var.project
      Environment = var.environment
    }
  }
}

module "service" {
  source = "../../stacks/bluegreen"

  name = "${var.project}-${var.environment}"

  # network
  vpc_cidr                 = var.vpc_cidr
  availability_zone_count  = var.availability_zone_count
  single_nat_gateway       = var.single_nat_gateway
  test_ingress_cidr_blocks = var.test_ingress_cidr_blocks

  # container
  image_version  = var.image_version
  container_port = var.container_port
  cpu            = var.cpu
  memory         = var.memory
  desired_count  = var.desired_count
  environment    = merge({ APP_ENV = var.environment }, var.app_settings)

  health_check = {
    path = var.health_check_path
  }

  # deployments
  deployment_config_name   = var.deployment_config_name
  termination_wait_minutes = var.termination_wait_minutes

  # name
  tls = var.certificate_arn == null ? null : { certificate_arn = var.certificate_arn }
  dns = var.domain_name == null ? null : { zone_name = var.domain_name, record_name = "www" }

  # operations
  log_retention_days     = var.log_retention_days
  enable_execute_command = var.enable_execute_command
  container_insights     = var.container_insights
  deletion_protection    = var.deletion_protection
  force_destroy          = var.force_destroy
}
