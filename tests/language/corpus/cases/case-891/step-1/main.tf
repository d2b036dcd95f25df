resource "terraform_data" "a" {
  input = try(terraform_data.a.nothing, terraform_data.a.output)
}
