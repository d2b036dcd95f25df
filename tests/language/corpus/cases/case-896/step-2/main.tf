module "n" { source = "./m" }
resource "terraform_data" "x" { input = 2 }
moved {
  from = module.m
  to = module.n
}
moved {
  from = module.m.terraform_data.x
  to = terraform_data.x
}
