resource "terraform_data" "a" { input = 1 }
output "o" { value = [for x in [] : terraform_data.a.nothing] }
output "p" { value = { for x in {} : x => terraform_data.a.output.z } }
