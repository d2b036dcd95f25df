terraform {
  # 1.9 is the first version in which a validation may look at other variables
  # (see `memory` in variables.tf).
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}
