resource "terraform_data" "a" { input = "./gone.tfstate" }
check "c" {
  data "terraform_remote_state" "s" {
    backend = "local"
    config  = { path = terraform_data.a.output }
  }
  assert {
    condition     = data.terraform_remote_state.s.outputs.x == "z"
    error_message = "x"
  }
}
