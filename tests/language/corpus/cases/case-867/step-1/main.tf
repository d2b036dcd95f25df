resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  for_each = toset(["x"])
  input    = terraform_data.a.output
}
resource "terraform_data" "c" { input = terraform_data.b["x"].output }
