data "terraform_remote_state" "r" {
  backend  = "local"
  config   = { path = "./terraform.tfstate" }
  defaults = { x = "d", q = "dq" }
}
output "o" { value = data.terraform_remote_state.r.outputs }
