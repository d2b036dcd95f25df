resource "terraform_data" "a" {
  input            = { a = { b = [3] }, c = "y", d = 1 }
  triggers_replace = ["u"]
  lifecycle { ignore_changes = [input["a"], triggers_replace] }
}
