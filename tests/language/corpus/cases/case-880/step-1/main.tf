import {
  to = terraform_data.x
  id = local.nope
}
