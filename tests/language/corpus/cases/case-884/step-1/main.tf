module "m" {
  source = "./m"
  for_each = { o = 1 }
}
output "v" { value = module.m.o }
