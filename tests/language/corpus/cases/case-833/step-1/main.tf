resource "terraform_data" "a" { input = "x" }
module "m" {
  source = "./m"
  v      = { k = terraform_data.a.id, l = [terraform_data.a.output, "s"] }
}
output "o" { value = module.m.o }
output "p" { value = module.m.p }
output "q" { value = module.m.q }
