variable "v" {
  type = object({ a = optional(number) , b = optional(string, null) })
  default = { c = 1 }
}
output "v" { value = var.v }
