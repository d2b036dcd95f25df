resource "terraform_data" "a" {
  input = "a2"
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "b" {
  input = sensitive("b2")
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "c" {
  input = { x = "c", y = sensitive("b") }
  lifecycle { ignore_changes = [input.x] }
}
resource "terraform_data" "d" {
  input = "c"
  triggers_replace = "c"
  lifecycle { ignore_changes = all }
}
resource "terraform_data" "e" {
  input = sensitive("c")
  triggers_replace = sensitive("c")
  lifecycle { ignore_changes = all }
}
resource "terraform_data" "f" {
  input = { x = sensitive("c"), y = "b" }
  lifecycle { ignore_changes = [input.x] }
}
resource "terraform_data" "g" {
  input = tomap({ x = "b", y = "b" })
  lifecycle { ignore_changes = [input["x"]] }
}
