resource "terraform_data" "a" {
  count = 2
  depends_on = [terraform_data.a]
}
