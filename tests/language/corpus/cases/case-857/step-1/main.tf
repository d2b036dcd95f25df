variable "e" {
  default   = "a"
  ephemeral = true
}
variable "s" {
  default   = "a"
  sensitive = true
}
check "c" {
  assert {
    condition     = var.e == "a"
    error_message = "x ${var.e}"
  }
}
resource "terraform_data" "c" {
  lifecycle {
    precondition {
      condition     = var.s != "z"
      error_message = "x ${var.s}"
    }
  }
}
