import {
  for_each = toset(local.nope)
  to = terraform_data.x[each.key]
  id = each.nope
}
