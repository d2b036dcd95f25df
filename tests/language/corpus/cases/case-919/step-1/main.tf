resource "terraform_data" "a" {
  count = 1
  lifecycle {
    postcondition {
      condition = terraform_data.a[0].input == null
      error_message = "x"
    }
  }
}
