variable "v" { type = list(string) }
variable "w" { default = "x" }
resource "terraform_data" "a" { input = var.v }
resource "terraform_data" "b" { input = var.w }
