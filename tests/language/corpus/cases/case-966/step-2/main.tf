resource "terraform_data" "a" {
  count      = 0
  depends_on = [terraform_data.a]
}
