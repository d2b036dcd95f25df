resource "terraform_data" "y" { input = 2 }
module "on" { source = "../in" }
moved {
  from = terraform_data.x
  to = terraform_data.y
}
moved {
  from = module.in
  to = module.on
}
