variable "i" {}
resource "terraform_data" "x" { input = var.i }
resource "terraform_data" "y" { input = terraform_data.x.id }
output "o" { value = terraform_data.x.output }
