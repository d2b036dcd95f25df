locals { x = 1 }
resource "terraform_data" "b" {
  lifecycle { replace_triggered_by = [upper(local.x)] }
}
