data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = terraform_data.a.input }
}
resource "terraform_data" "a" { input = "other.tfstate" }
