resource "terraform_data" "c" {
  count = 1
  provisioner "local-exec" {
    when    = destroy
    command = "echo c ${count.index} >> log.txt"
  }
}
