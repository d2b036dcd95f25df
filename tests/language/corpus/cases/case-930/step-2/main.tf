resource "terraform_data" "a" {
  count = 1
  input = try(terraform_data.a[1].output, "z")
}
