data "terraform_remote_state" "d" {
  backend  = "local"
  config   = { path = "x" }
  defaults = {}
}
resource "terraform_data" "a" {
  lifecycle { replace_triggered_by = [data.terraform_remote_state.d] }
}
