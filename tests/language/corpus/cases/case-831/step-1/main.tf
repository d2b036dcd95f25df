resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" { input = 2 }
check "a" {
  assert {
    condition     = terraform_data.a.input == 1
    error_message = "x"
  }
}
check "b" {
  assert {
    condition     = terraform_data.b.input == 3
    error_message = "x"
  }
}
output "b" { value = terraform_data.b.id }
output "a" { value = terraform_data.a.id }
output "c" { value = "c" }
