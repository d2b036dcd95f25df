module "m" {
 source = "./m"
 p = terraform_data.a.input
}
resource "terraform_data" "a" { input = "other.tfstate" }
