data "terraform_remote_state" "d" {
  backend = "local"
  for_each = { a = terraform_data.a.input }
  config = { path = each.value }
}
resource "terraform_data" "a" { input = "other.tfstate" }
