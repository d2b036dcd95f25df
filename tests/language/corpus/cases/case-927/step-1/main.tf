resource "terraform_data" "a" {
  for_each = toset(["x", "y"])
  input = each.key == "x" ? 1 : terraform_data.a["x"].output
}
