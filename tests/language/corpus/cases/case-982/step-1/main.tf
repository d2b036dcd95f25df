data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = local.p }
}
resource "terraform_data" "a" { input = "other.tfstate" }
locals { p = terraform_data.a.input }
