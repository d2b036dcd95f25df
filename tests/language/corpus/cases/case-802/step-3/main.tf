module "n" {
  source   = "./m"
  for_each = { p = 1, q = 2 }
}
moved {
  from = terraform_data.a
  to   = module.m[0].terraform_data.a
}
moved {
  from = module.m[0]
  to   = module.n["p"]
}
moved {
  from = module.m[1]
  to   = module.n["q"]
}
