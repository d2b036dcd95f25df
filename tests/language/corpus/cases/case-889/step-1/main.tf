resource "terraform_data" "a" {
  for_each = {}
  input = keys(terraform_data.a)
}
