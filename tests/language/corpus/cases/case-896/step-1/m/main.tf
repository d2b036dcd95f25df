resource "terraform_data" "x" { input = 2 }
resource "terraform_data" "y" { input = 2 }
