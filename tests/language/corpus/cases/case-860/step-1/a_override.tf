resource "terraform_data" "b" {
  input      = 2
  depends_on = []
}
