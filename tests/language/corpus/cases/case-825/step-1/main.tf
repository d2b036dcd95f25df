resource "terraform_data" "a" { input = "v1" }
locals { p = "./gone-${terraform_data.a.id == "" ? "a" : "b"}" }
data "terraform_remote_state" "r" {
  backend  = "local"
  config   = { path = "./other.tfstate" }
  defaults = { x = 1 }
  depends_on = [terraform_data.b]
  lifecycle {
    postcondition {
      condition     = self.outputs.x == "z"
      error_message = "x is ${self.outputs.x}"
    }
  }
}
resource "terraform_data" "b" { input = terraform_data.a.output }
output "o" { value = data.terraform_remote_state.r.outputs.x }
