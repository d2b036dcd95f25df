variable "e" {
  type      = string
  ephemeral = true
  default   = "x"
  validation {
    condition     = var.e == "y"
    error_message = "is ${var.e}"
  }
}
