removed {
  from = terraform_data.a
  lifecycle { destroy = false }
}
locals { 
  a = local.b
  b = local.a
}
