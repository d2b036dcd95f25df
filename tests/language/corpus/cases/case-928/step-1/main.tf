resource "terraform_data" "a" {
  for_each = toset(["x", "y"])
  input = lookup(try(terraform_data.a["z"], {}), "output", "none")
}
