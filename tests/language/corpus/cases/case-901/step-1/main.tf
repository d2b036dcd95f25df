resource "terraform_data" "a" {
  count = 2
}
resource "terraform_data" "b" {
  input = length(terraform_data.a)
  lifecycle { create_before_destroy = true }
}
