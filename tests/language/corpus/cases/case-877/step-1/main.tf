variable "a" {
  type = string
  default = ["x"]
}
variable "b" {
  type = number
  default = "x"
}
output "o" { value = var.a }
