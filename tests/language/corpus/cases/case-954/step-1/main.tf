variable "v" { default = [1] }
resource "terraform_data" "a" {
  count = 2
  input = "<${var.v}>"
  lifecycle {
    precondition {
      condition = length(var.v) > 1
      error_message = "failed"
    }
  }
}
