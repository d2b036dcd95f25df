data "terraform_remote_state" "d" {
  count = 1
  backend = "local"
  config = { path = try(data.terraform_remote_state.d[1].outputs.x, "a.tfstate") }
}
