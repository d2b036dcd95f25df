resource "terraform_data" "a" {
  input = 1
  lifecycle {
    postcondition {
      condition = terraform_data.a.input == 1
      error_message = "x"
    }
  }
}
