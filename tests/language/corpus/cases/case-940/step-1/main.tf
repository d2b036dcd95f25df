resource "terraform_data" "r3" { count = 0 }
output "o" { value = terraform_data.r3.nothing }
output "p" { value = var.nothing }
import {
  to = terraform_data.r3
  id = "imported"
}
