module "n" {
  source   = "./m"
  for_each = { p = 1 }
}
