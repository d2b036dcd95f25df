variable "x" {
  validation {
    condition     = var.x == 1
    error_message = "x is ${var.x}"
  }
}
output "x" { value = var.x }
