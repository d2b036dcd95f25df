resource "terraform_data" "b" { input = 1 }
module "n" {
  source = "./m"
  count  = 1
}
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
moved {
  from = module.m
  to   = module.n[0]
}
