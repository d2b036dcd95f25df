resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" { input = can(terraform_data.a.id) }
resource "terraform_data" "c" { input = try([terraform_data.a.id, "x"], 1) }
resource "terraform_data" "d" { input = [for x in [can(terraform_data.a.output)] : x] }
module "m" {
  source = "./m"
  i      = can(terraform_data.b.output) == null
}
output "o" { value = [can(module.m.o), issensitive(terraform_data.a.id) == null] }
