resource "terraform_data" "a" {
  input = sensitive("a")
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "b" {
  input = "b"
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "c" {
  input = { x = sensitive("a"), y = "b" }
  lifecycle { ignore_changes = [input.x] }
}
resource "terraform_data" "d" {
  input = sensitive("a")
  triggers_replace = sensitive("a")
  lifecycle { ignore_changes = all }
}
resource "terraform_data" "e" {
  input = "a"
  triggers_replace = "a"
  lifecycle { ignore_changes = all }
}
resource "terraform_data" "f" {
  input = { x = "a", y = "b" }
  lifecycle { ignore_changes = [input.x] }
}
resource "terraform_data" "g" {
  input = tomap({ x = sensitive("a"), y = "b" })
  lifecycle { ignore_changes = [input["x"]] }
}
