resource "terraform_data" "a" {
  for_each = toset(["x"])
  input    = each.key
}
resource "terraform_data" "b" { input = 1 }
