resource "terraform_data" "a" {
  triggers_replace = 1
  provisioner "local-exec" {
    command = "exit 1"
  }
}
