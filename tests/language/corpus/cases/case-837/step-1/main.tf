variable "s" {
  default   = { a = 1 }
  sensitive = true
}
resource "terraform_data" "a" { for_each = var.s }
