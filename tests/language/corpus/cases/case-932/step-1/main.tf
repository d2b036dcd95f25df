data "terraform_remote_state" "d" {
  count = 2
  backend = "local"
  config = { path = "a.tfstate" }
  depends_on = [data.terraform_remote_state.d]
}
