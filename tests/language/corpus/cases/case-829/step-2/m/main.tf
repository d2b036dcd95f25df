variable "n" {}
resource "terraform_data" "a" { input = var.n }
output "o" { value = terraform_data.a.output }
