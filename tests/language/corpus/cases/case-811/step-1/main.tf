resource "terraform_data" "a" { input = 1 }
module "m" {
  source = "./m"
  count  = 2
  v      = terraform_data.a.output
}
resource "terraform_data" "z" { input = module.m[1].o }
output "o" { value = module.m[*].o }
