resource "terraform_data" "a" {
  count = 2
  provisioner "local-exec" {
    command = "echo ${try(terraform_data.a[5].id, "q")} >> log.txt"
  }
}
