resource "terraform_data" "a" { input = 2 }
output "o" { value = terraform_data.a.input }
output "p" { value = "new" }
