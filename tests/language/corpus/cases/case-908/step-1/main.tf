resource "terraform_data" "a" {
  count = 2
}
resource "terraform_data" "b" {
  count = 2
  input = 3
  lifecycle { 
    create_before_destroy = true 
    precondition {
      condition = terraform_data.a[0].input == null
      error_message = "x"
    }
  }
}
