resource "terraform_data" "a" {
  input            = null
  triggers_replace = null
  lifecycle { ignore_changes = [input.c, triggers_replace] }
}
