variable "v" {
  type = tuple([string, number])
}
data "terraform_remote_state" "d" {
  backend = "local"
  config  = { path = "missing.tfstate" }
}
data "terraform_remote_state" "e" {
  backend = "local"
  config  = { path = data.terraform_remote_state.d.outputs.x }
}
