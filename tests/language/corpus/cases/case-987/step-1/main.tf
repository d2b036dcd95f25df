check "c" {
data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = terraform_data.a.input }
}
  assert {
    condition = data.terraform_remote_state.d.outputs.x == "ex"
    error_message = "x"
  }
}
resource "terraform_data" "a" { input = "other.tfstate" }
