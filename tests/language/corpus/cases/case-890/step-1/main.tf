resource "terraform_data" "a" {
  input = terraform_data.a[1].id
}
