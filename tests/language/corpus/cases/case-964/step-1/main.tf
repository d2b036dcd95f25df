check "c" {
  data "terraform_remote_state" "r" {
    backend = "local"
  }
  assert {
    condition = true
    error_message = "x"
  }
}
data "terraform_remote_state" "r" {
    backend = "local"
}
