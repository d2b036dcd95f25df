variable "id" {
  default   = "abc"
  sensitive = true
}
resource "terraform_data" "a" { input = 1 }
import {
  to = terraform_data.a
  id = var.id
}
