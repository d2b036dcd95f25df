module "m" {
  source = "./m"
  for_each = {}
}
output "v" { value = module.m.missing }
