variable "e" {
  type      = string
  ephemeral = true
  default   = "x"
}
module "m" {
  source = "./m"
  v      = var.e
}
