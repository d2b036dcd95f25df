resource "terraform_data" "r3" { }
output "o" { value = terraform_data.r3.nothing }
output "p" { value = 1 + "x" }
import {
  to = terraform_data.r3[0]
  id = "imported"
}
