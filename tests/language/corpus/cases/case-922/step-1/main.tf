resource "terraform_data" "a" {
  input = 1
  lifecycle {
    postcondition {
      condition = can(terraform_data.a) && terraform_data.a != "never"
      error_message = "x"
    }
  }
}
