locals { ids = { one = "id-1", three = "id-3" } }
module "m" {
  source   = "./m"
  for_each = { one = 1 }
}
import {
  for_each = local.ids
  to       = module.m[each.key].terraform_data.a
  id       = each.value
}
