resource "terraform_data" "a" { count = 1 }
resource "terraform_data" "b" {
  count = 1
  lifecycle { replace_triggered_by = [terraform_data.a[each.key]] }
}
resource "terraform_data" "c" {
  for_each = toset(["x"])
  lifecycle { replace_triggered_by = [terraform_data.a[count.index]] }
}
