variable "e" {
  default = "q"
  validation {
    condition     = var.e == "q"
    error_message = [var.e]
  }
}
resource "terraform_data" "c" {
  lifecycle {
    precondition {
      condition     = var.e == "q"
      error_message = [var.e]
    }
  }
}
