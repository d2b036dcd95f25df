resource "terraform_data" "a" {
  input = 1
  lifecycle {
    precondition {
      condition = terraform_data.a.input == 1
      error_message = "x"
    }
  }
}
