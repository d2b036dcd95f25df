resource "terraform_data" "a" {
  input            = { a = { b = [1, 2] }, c = "x" }
  triggers_replace = ["t"]
  lifecycle { ignore_changes = [input["a"], triggers_replace] }
}
