variable "e" {
  type      = string
  ephemeral = true
  default   = "x"
}
resource "terraform_data" "a" {
  input = terraform.applying
}
