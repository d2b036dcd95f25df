resource "terraform_data" "a" {
  for_each = toset(["p", "q"])
  depends_on = [terraform_data.a]
}
resource "terraform_data" "b" {
  input = [for k, v in terraform_data.a : v.id]
}
