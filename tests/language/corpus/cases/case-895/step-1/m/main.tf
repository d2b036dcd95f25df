resource "terraform_data" "x" { input = 2 }
module "in" { source = "../in" }
