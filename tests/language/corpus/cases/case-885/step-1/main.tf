module "m" {
  source = "./m"
  count = 1
}
output "v" { value = try(module.m.o, "x") }
