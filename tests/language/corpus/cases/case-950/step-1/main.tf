terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}
module "m" {
  source = "./m"
  providers = { terraform = terraform }
}
