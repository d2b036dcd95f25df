module "outer" {
  source   = "./outer"
  for_each = { a = ["y", "z"], c = ["q"] }
  list     = each.value
}
output "all" { value = { for k, m in module.outer : k => m.ids } }
moved {
  from = module.outer["b"]
  to   = module.outer["c"]
}
