locals { ids = { one = "id-1", two = "id-2" } }
module "m" {
  source   = "./m"
  for_each = local.ids
}
import {
  for_each = local.ids
  to       = module.m[each.key].terraform_data.a
  id       = each.value
}
