provider "terraform" {}
removed {
  from = terraform_data.x
  lifecycle { destroy = false }
}
