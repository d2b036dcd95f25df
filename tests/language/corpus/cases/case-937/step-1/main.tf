resource "terraform_data" "a" {
  count = 2
  provisioner "local-exec" {
    command = "echo ${terraform_data.a[0].id}"
  }
}
