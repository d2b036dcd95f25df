variable "a" {
  type    = bool
  default = true
  validation {
    condition     = can(length(var.a))
    error_message = "a"
  }
}
variable "b" {
  type    = number
  default = 1
  validation {
    condition     = length(var.b) == 1
    error_message = length(var.b)
  }
}
variable "c" {
  default = 1
  validation {
    condition     = var.c == 2
    error_message = [1]
  }
}
variable "d" {
  default = 1
  validation {
    condition     = var.d != null
    error_message = length(2)
  }
}
module "m" {
  source = "./m"
  x      = 2
}
output "a" { value = [var.a, coalesce([], "")] }
output "m" { value = module.m.x }
