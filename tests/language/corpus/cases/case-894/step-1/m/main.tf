variable "v" {}
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
