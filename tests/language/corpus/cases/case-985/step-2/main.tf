resource "terraform_data" "a" {
  triggers_replace = 2
  input = "other.tfstate"
}
data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = terraform_data.a.input }
}
output "o" { value = data.terraform_remote_state.d.outputs.x }
