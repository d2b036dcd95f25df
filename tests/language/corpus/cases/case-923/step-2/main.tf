resource "terraform_data" "a" { triggers_replace = [] }
resource "terraform_data" "b" { input = {} }
resource "terraform_data" "c" { input = null }
resource "terraform_data" "d" { input = null }
resource "terraform_data" "e" { triggers_replace = null }
