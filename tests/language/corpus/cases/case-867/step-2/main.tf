resource "terraform_data" "a" { input = 2 }
resource "terraform_data" "b" {
  for_each = toset(["x", "y"])
  input    = "const"
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "c" {
  input = [for k, b in terraform_data.b : b.output]
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "d" { count = 2 }
resource "terraform_data" "e" { input = 1 }
output "keys" { value = keys(terraform_data.b) }
output "length" { value = length(terraform_data.d) }
output "a" { value = terraform_data.a.output }
