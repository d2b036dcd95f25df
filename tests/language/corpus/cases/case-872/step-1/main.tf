resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" { input = try("x", terraform_data.a.nope) }
data "terraform_remote_state" "d" {
  backend  = "local"
  config   = { path = "x" }
  defaults = { a = 1 }
}
output "o" { value = try(1, "<${data.terraform_remote_state.d.id}>") }
output "p" { value = try(data.terraform_remote_state.d.outputs.nope, 1) }
