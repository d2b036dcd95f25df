variable "e" {
  type      = string
  ephemeral = true
  default   = "x"
}
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition     = var.e == "y"
      error_message = "no ${var.e}"
    }
  }
}
