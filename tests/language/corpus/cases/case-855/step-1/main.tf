variable "n" { default = null }
resource "terraform_data" "a" { input = 1 }
output "a" { value = var.n == null ? "none" : var.n.name }
output "b" { value = terraform_data.a.id == "x" ? local.l[5] : "y" }
locals { l = tolist([1]) }
