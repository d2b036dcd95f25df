resource "terraform_data" "a" { input = 2 }
resource "terraform_data" "b" {
  input = 1
  lifecycle { replace_triggered_by = [terraform_data.a] }
}
resource "terraform_data" "c" {
  lifecycle { replace_triggered_by = [terraform_data.a] }
}
