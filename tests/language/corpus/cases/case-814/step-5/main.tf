variable "e" {
  type      = set(string)
  ephemeral = true
  default   = ["a"]
}
resource "terraform_data" "a" { for_each = var.e }
