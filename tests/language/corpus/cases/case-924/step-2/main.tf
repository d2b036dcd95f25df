resource "terraform_data" "r11" { input = 1 }
resource "terraform_data" "r5" {
  for_each = toset(["b", "a", "c"])
  input = each.key
  triggers_replace = []
  lifecycle {
    replace_triggered_by = [terraform_data.r11.output]
  }
}
moved {
  from = terraform_data.r4
  to = terraform_data.r11
}
