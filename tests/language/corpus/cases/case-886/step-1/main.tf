module "m" {
  source = "./m"
  for_each = { o = 1 }
}
output "v" { value = try(module.m.o, "x") }
output "w" { value = can(module.m.x) }
output "z" { value = try(module.m.o.o, "x") }
