resource "terraform_data" "a" { input = tolist([1, 2]) }
resource "terraform_data" "b" { input = tomap({ a = 1 }) }
resource "terraform_data" "c" { input = 1 }
resource "terraform_data" "d" { input = tostring(null) }
output "a" { value = tolist([1]) }
