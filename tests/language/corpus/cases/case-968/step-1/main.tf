resource "terraform_data" "a" {
  count = 0
  input = try(terraform_data.b.id.x, 1)
}
resource "terraform_data" "b" { input = 1 }
output "x" { value = try(terraform_data.b.id.y, 1) }
