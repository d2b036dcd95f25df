variable "v" {
  type = object({
    k = string
    l = list(string)
    d = optional(map(string), { z = "zz" })
  })
}
output "o" { value = var.v }
output "p" { value = [for x in var.v.l : upper(x)] }
output "q" { value = { for k, v in var.v.d : k => "${v}-${var.v.k}" } }
