variable "list" { type = set(string) }
module "inner" {
  source   = "./inner"
  for_each = var.list
  name     = each.key
}
output "ids" { value = [for k, v in module.inner : v.name] }
