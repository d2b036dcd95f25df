resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" { triggers_replace = "1" }
resource "terraform_data" "c" { triggers_replace = tolist([terraform_data.a.id, "1"]) }
