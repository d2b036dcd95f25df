resource "terraform_data" "r4" { input = 1 }
resource "terraform_data" "r5" {
  for_each = toset(["b", "a", "c"])
  input = each.key
  lifecycle {
    replace_triggered_by = [terraform_data.r4.output]
  }
}
