module "outer" {
  source   = "./outer"
  for_each = { a = ["x", "y"], b = [] }
  list     = each.value
}
output "all" { value = { for k, m in module.outer : k => m.ids } }
