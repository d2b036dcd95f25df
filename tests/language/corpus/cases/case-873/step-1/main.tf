resource "terraform_data" "a" { count = 1 }
resource "terraform_data" "b" { for_each = toset(["x"]) }
import {
  to = terraform_data.a
  id = "x"
}
output "o" { value = terraform_data.b.id }
output "p" { value = length(1) }
