resource "terraform_data" "b" { count = sensitive(1) }
