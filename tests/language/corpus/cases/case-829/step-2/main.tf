module "m" {
  source = "./m"
  count  = 2
  n      = count.index + 1
}
moved {
  from = module.m[2]
  to   = module.m[1]
}
moved {
  from = module.m[1]
  to   = module.m[0]
}
output "all" { value = module.m[*].o }
