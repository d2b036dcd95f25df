resource "terraform_data" "b" {
  for_each = toset(["x", "y"])
  input    = each.key
}
moved {
  from = terraform_data.a[0]
  to   = terraform_data.b["x"]
}
moved {
  from = terraform_data.a[2]
  to   = terraform_data.b["y"]
}
