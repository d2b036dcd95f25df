module "m" {
  source = "./m"
  providers = { 
    terraform.x = terraform
    foo = terraform
  }
}
variable "a" {
  typ = 1
}
