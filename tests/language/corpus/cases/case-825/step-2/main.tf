resource "terraform_data" "a" { input = "v2" }
data "terraform_remote_state" "r" {
  backend  = "local"
  config   = { path = "./other.tfstate" }
  depends_on = [terraform_data.b]
  lifecycle {
    precondition {
      condition     = terraform_data.a.input == "v2"
      error_message = "x"
    }
  }
}
resource "terraform_data" "b" { input = "stays" }
output "o" { value = data.terraform_remote_state.r.outputs.x }
