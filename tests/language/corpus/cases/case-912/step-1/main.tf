resource "terraform_data" "a" {
  count = 2
}
resource "terraform_data" "b" {
  lifecycle { 
    create_before_destroy = true 
    replace_triggered_by = [terraform_data.a[0]]
  }
}
