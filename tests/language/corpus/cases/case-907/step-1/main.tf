resource "terraform_data" "a" {
  count = 2
}
module "m" {
  source = "./m"
  count = 2
  i = terraform_data.a[0].output
}
resource "terraform_data" "b" {
  input = module.m[0].o
  lifecycle { create_before_destroy = true }
}
