variable "a" { type = list(string) }
variable "b" { type = number }
output "o" { value = [var.a, var.b] }
