check "c" {
  data "terraform_remote_state" "r" {
    for_each = {}
    backend = "local"
    provider = terraform
  }
  assert {
    condition = path.module == "."
    error_message = "x"
  }
}
