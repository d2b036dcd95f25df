variable "e" {
  type      = string
  ephemeral = true
  default   = "x"
}
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo ${var.e} ${terraform.applying} > log.txt"
  }
}
output "o" { value = ephemeralasnull(terraform.applying) }
locals { a = terraform.applying ? "yes" : "no" }
