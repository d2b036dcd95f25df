check "c" {
  data "terraform_remote_state" "s" {
    backend = "local"
    lifecycle {
      precondition {
        condition     = true
        error_message = "x"
      }
    }
  }
  assert {
    condition     = true
    error_message = "x"
  }
}
