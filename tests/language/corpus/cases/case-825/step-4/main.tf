resource "terraform_data" "a" { input = "v3" }
resource "terraform_data" "b" { input = "stays" }
data "terraform_remote_state" "r" {
  backend  = "local"
  config   = { path = "./other.tfstate" }
  lifecycle {
    precondition {
      condition     = terraform_data.a.input == "v3"
      error_message = "x"
    }
  }
}
