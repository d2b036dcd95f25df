resource "terraform_data" "a" {}
resource "terraform_data" "b" {
  count = 0
  lifecycle { replace_triggered_by = ["x${terraform_data.a.id}"] }
}
