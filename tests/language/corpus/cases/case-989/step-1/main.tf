variable "s" {
  sensitive = true
  default = "x"
}
output "o" {
  value = 1
  precondition {
    condition = var.s == "y"
    error_message = "is ${var.s}"
  }
}
