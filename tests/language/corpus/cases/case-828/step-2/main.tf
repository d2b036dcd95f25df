variable "s" {
  default   = "sec"
}
resource "terraform_data" "a" { input = { k = var.s, l = [1, var.s] } }
resource "terraform_data" "b" { input = terraform_data.a.input.l }
resource "terraform_data" "c" { triggers_replace = var.s }
resource "terraform_data" "d" { input = terraform_data.a.output }
output "o" { value = terraform_data.b.input }
