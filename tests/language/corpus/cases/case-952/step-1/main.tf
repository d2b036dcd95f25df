module "m" {
  source = "./m"
}
variable "a" {
  typ = 1
}
