resource "terraform_data" "c" { input = "v" }
moved {
  from = terraform_data.a
  to   = terraform_data.c
}
