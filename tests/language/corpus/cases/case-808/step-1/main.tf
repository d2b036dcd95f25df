resource "terraform_data" "a" { triggers_replace = 1 }
resource "terraform_data" "b" {
  lifecycle { replace_triggered_by = [terraform_data.a.id] }
}
resource "terraform_data" "c" {
  lifecycle {
    replace_triggered_by  = [terraform_data.b.id]
    create_before_destroy = true
  }
}
