resource "terraform_data" "a" {
  count = 2
  lifecycle { 
    postcondition {
      condition = length(terraform_data.a) > 0
      error_message = "x"
    }
  }
}
