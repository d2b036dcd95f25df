check "c" {
  data "terraform_remote_state" "s" {
    backend = "local"
    config  = { path = "./gone.tfstate" }
  }
  assert {
    condition     = data.terraform_remote_state.s.outputs.x == "z"
    error_message = "x"
  }
}
output "o" { value = data.terraform_remote_state.s.outputs }
