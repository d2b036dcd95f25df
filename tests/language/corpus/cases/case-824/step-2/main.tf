check "c" {
  data "terraform_remote_state" "s" {
    backend = "local"
  }
  data "terraform_remote_state" "t" {
    backend = "local"
  }
  assert {
    condition     = true
    error_message = "x"
  }
}
