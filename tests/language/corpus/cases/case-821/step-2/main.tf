check "c" {
  data "terraform_remote_state" "s" {
    backend = "local"
    config  = { path = "./other.tfstate" }
  }
  assert {
    condition     = data.terraform_remote_state.s.outputs.x == "z"
    error_message = "x"
  }
}
resource "terraform_data" "a" { input = 1 }
