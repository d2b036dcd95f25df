resource "terraform_data" "a" {
  for_each = toset([])
  input    = each.key
}
resource "terraform_data" "b" {
  input = 1
  lifecycle { replace_triggered_by = [terraform_data.a] }
}
