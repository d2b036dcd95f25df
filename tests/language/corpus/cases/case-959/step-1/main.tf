resource "terraform_data" "a" { depends_on = [terraform_data.b, var.x, local.y, module.z, data.foo.bar] }
