resource "terraform_data" "a" {
  count = 2
}
locals { x = terraform_data.a[0].output }
resource "terraform_data" "c" {
  input = local.x
}
resource "terraform_data" "b" {
  input = terraform_data.c.output
  lifecycle { create_before_destroy = true }
}
