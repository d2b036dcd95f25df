resource "terraform_data" "a" {
  input = 1
  lifecycle {
    postcondition {
      condition = self.input == 1
      error_message = "x ${terraform_data.a.input}"
    }
  }
}
