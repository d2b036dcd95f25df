variable "l" { 
  type    = list(string)
  default = []
}
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition     = path.module
      error_message = [1]
    }
  }
}
output "o" {
  value = 1
  precondition {
    condition     = path.module == "x"
    error_message = "o"
  }
  precondition {
    condition     = path.module == "x" ? true : null
    error_message = "o"
  }
  precondition {
    condition     = length(var.l)
    error_message = null
  }
}
check "c" {
  assert {
    condition     = length(1) && path.module == ""
    error_message = "c"
  }
  assert {
    condition     = path.module == ""
    error_message = [1]
  }
}
