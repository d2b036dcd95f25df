resource "terraform_data" "x" {}
output "a" {}
