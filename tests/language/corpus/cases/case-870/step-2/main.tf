variable "a" { default = 1 }
variable "b" {}
variable "d" { default = 1 }
output "a" { value = var.a }
