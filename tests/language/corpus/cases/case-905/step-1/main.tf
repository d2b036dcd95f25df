resource "terraform_data" "a" {
  count = 2
}
resource "terraform_data" "b" {
  count = 2
  input = terraform_data.a[0].output
  lifecycle { create_before_destroy = true }
}
