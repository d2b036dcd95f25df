variable "w" {
  default = 1
  validation {
    condition     = var.w > 0
    error_message = "w"
  }
}
resource "terraform_data" "b" {
  lifecycle {
    postcondition {
      condition     = self.id != ""
      error_message = "b"
    }
  }
}
