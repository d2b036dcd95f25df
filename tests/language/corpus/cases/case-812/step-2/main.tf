resource "terraform_data" "a" { input = { x = 1 } }
output "a" { value = try(terraform_data.a.output.nope, "fallback") }
output "b" { value = can(terraform_data.a.output.x) }
