resource "terraform_data" "r4" { input = "x" }
