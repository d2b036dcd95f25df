module "n" { source = "./m" }
moved {
  from = terraform_data.a
  to = terraform_data.b
}
moved {
  from = terraform_data.b
  to = module.n.terraform_data.y
}
moved {
  from = module.m
  to = module.n
}
