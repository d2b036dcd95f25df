resource "terraform_data" "a" { input = 7 }
resource "terraform_data" "b" {
  input = 1
  lifecycle {
    precondition {
      condition     = terraform_data.a.output > 5
      error_message = "too small: ${terraform_data.a.output}"
    }
  }
}
resource "terraform_data" "c" { input = terraform_data.b.output }
output "o" { value = terraform_data.c.output }
