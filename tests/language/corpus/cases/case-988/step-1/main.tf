data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = one(terraform_data.a[*].input) }
}
resource "terraform_data" "a" {
  count = 1
  input = "other.tfstate"
}
