variable "s" {
  default   = "x"
  sensitive = true
}
locals { m = { (var.s) = 1 } }
output "o" { value = local.m }
