resource "terraform_data" "a" {
  input = 1
  provisioner "local-exec" {
    when    = destroy
    command = "echo a >> log.txt"
  }
}
resource "terraform_data" "b" {
  input      = 2
  depends_on = [terraform_data.a]
  provisioner "local-exec" {
    when    = destroy
    command = "echo b ${self.input} >> log.txt"
  }
}
module "m" {
  source     = "./m"
  depends_on = [terraform_data.b]
}
