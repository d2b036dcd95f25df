resource "terraform_data" "a" {
  input            = { a = { b = [3, 2] }, c = "x" }
  triggers_replace = ["u"]
  lifecycle { ignore_changes = [input.a.b[0], triggers_replace[0]] }
}
