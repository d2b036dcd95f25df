variable "e" {
  type      = string
  ephemeral = true
  default   = "x"
}
module "m" {
  source = "./m"
  v      = var.e
}
output "x" { value = ephemeralasnull(module.m.o) }
output "y" { value = ephemeralasnull({ a = module.m.o, b = 1 }) }
output "z" { value = module.m.o == "x" }
