variable "p" {}
data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = var.p }
}
