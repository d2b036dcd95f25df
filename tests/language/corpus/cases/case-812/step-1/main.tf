resource "terraform_data" "a" { input = { x = 1 } }
output "a" { value = try(terraform_data.a.output.nope, "fallback") }
output "b" { value = can(terraform_data.a.output.x) }
output "c" { value = try(terraform_data.a.nope, "static") }
output "d" { value = can(tonumber(terraform_data.a.id)) }
output "e" { value = try(tonumber("x"), terraform_data.a.id) }
output "f" { value = try([for k in terraform_data.a.output : k], []) }
