variable "v" {
  default = 1
  validation {
    condition = var.v == 1
    error_message = "x"
  }
}
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition = var.v == 1
      error_message = "x"
    }
  }
}
output "o" {
  value = 1
  precondition {
    condition = var.v == 1
    error_message = "x"
  }
}
check "c" {
  assert {
    condition = var.v == 1
    error_message = "x"
  }
}
