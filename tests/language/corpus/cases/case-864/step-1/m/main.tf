variable "a" { type = string }
variable "b" {
  type    = string
  default = "y"
}
output "x" {
  value = 1
  precondition {
    condition     = var.a == "nope"
    error_message = "a is ${var.a}"
  }
}
output "y" {
  value = 1
  precondition {
    condition     = path.module == "nope"
    error_message = "y"
  }
}
