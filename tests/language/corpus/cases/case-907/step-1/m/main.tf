variable "i" {}
resource "terraform_data" "a" {
  for_each = toset(["x", "y"])
  input = var.i
}
output "o" {
  value = terraform_data.a["x"].output
}
