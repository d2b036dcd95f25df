resource "terraform_data" "c" { 
  count = 2
  input = 1
}
moved {
  from = terraform_data.a
  to = terraform_data.c
}
moved {
  from = terraform_data.b
  to = terraform_data.c[1]
}
