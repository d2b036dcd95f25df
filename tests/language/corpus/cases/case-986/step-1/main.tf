data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = terraform_data.a[0].input }
}
resource "terraform_data" "a" {
  count = 2
  input = "other.tfstate"
}
