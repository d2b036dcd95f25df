resource "terraform_data" "a" {
  count = 0
  input = terraform_data.a[1].id
}
