variable "e" {
  default = "a"
  validation {
    condition     = var.e == "a"
    error_message = "x ${[]}"
  }
}
resource "terraform_data" "c" {
  lifecycle {
    precondition {
      condition     = var.e == "a"
      error_message = "x ${null}"
    }
  }
}
