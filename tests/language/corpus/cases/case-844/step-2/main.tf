resource "terraform_data" "a" {
  input = { a = 2, b = { c = 1 } }
  lifecycle { ignore_changes = [input["a"]] }
}
resource "terraform_data" "b" {
  input = { a = 1, b = { c = 2 } }
  lifecycle { ignore_changes = [input.b.c] }
}
resource "terraform_data" "c" {
  input = tomap({ a = 2, b = 1 })
  lifecycle { ignore_changes = [input.a] }
}
resource "terraform_data" "d" {
  input = tomap({ a = 2, b = 1, x = 9 })
  lifecycle { ignore_changes = [input["a"], input["x"], input["y"]] }
}
resource "terraform_data" "e" {
  input = { a = 2, b = { c = 2 } }
  lifecycle { ignore_changes = [input["b"].c] }
}
resource "terraform_data" "f" {
  input = { a = [{ b = 2 }], c = 1 }
  lifecycle { ignore_changes = [input.a[0].b] }
}
