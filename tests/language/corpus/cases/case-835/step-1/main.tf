resource "terraform_data" "a" { input = [1, 2] }
resource "terraform_data" "b" { input = { a = 1 } }
resource "terraform_data" "c" { input = "1" }
resource "terraform_data" "d" { input = null }
output "a" { value = [1] }
