resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  count = 0
  input = terraform_data.a.output
}
resource "terraform_data" "c" { input = terraform_data.b[*].output }
module "m" {
  source = "./m"
  count  = 0
  i      = terraform_data.a.output
}
module "n" {
  source = "./m"
  i      = 1
}
resource "terraform_data" "d" { input = module.m[*].o }
resource "terraform_data" "e" { input = module.n }
resource "terraform_data" "f" { input = module.n.o }
resource "terraform_data" "g" {
  depends_on = [terraform_data.b]
}
