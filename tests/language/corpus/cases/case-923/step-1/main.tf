resource "terraform_data" "a" {}
resource "terraform_data" "b" {}
resource "terraform_data" "c" { input = "" }
resource "terraform_data" "d" { input = [] }
resource "terraform_data" "e" { triggers_replace = {} }
