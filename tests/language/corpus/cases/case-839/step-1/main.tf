variable "a" {
  default = 1
  validation {
    condition     = var.a < var.b && var.a < local.x
    error_message = "a ${var.a} b ${var.b}"
  }
}
variable "b" {
  default = 2
  validation {
    condition     = var.b > 5
    error_message = "b is ${var.b}"
  }
}
locals { x = var.b * 2 }
