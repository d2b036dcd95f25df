resource "terraform_data" "a" {
  count = 0
  input = [for x in terraform_data.b.id : x]
}
resource "terraform_data" "b" { input = 1 }
