resource "terraform_data" "a" {
  lifecycle { replace_triggered_by = [1, 2, local.x] }
}
