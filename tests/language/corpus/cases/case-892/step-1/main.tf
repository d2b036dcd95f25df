variable "i" {
  type = number
  default = 1
}
locals {
  a = tonumber("x")
  b = [local.a, local.missing]
}
output "z" {
  value = local.a
  precondition {
    condition = local.missing == 1
    error_message = "x"
  }
}
