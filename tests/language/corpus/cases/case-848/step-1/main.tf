resource "terraform_data" "c" { count = 2 }
resource "terraform_data" "f" { for_each = { a = 1 } }
data "terraform_remote_state" "d" {
  count   = 1
  backend = "local"
}
output "a" { value = terraform_data.c[0].nope }
output "b" { value = terraform_data.f["a"].nope }
output "c" { value = terraform_data.c[0][0] }
output "d" { value = terraform_data.c[0].id[0] }
output "e" { value = try(terraform_data.c[0].nope, 1) }
output "f" { value = data.terraform_remote_state.d[0].nope }
output "g" { value = terraform_data.c.0.nope }
