check "c" {
  data "terraform_remote_state" "r" {
    backend = "local"
    lifecycle { 
      postcondition { 
        condition = true
        error_message = "s"
      }
    }
  }
  assert {
    condition = true
    error_message = "x"
  }
}
