resource "terraform_data" "a" {
  triggers_replace = 1
  input = "other.tfstate"
}
data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = terraform_data.a.input }
}
