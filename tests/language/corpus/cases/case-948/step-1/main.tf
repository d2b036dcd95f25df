resource "terraform_data" "a" { count = 1 }
resource "terraform_data" "b" { }
output "x" { value = terraform_data.a.nope }
output "y" { value = terraform_data.b[0].nope }
output "z" { value = try(terraform_data.a.nope, 1) }
output "w" { value = terraform_data.a[0].nope }
output "v" { value = terraform_data.a[*].nope }
output "u" { value = terraform_data.b["x"].id.foo }
