variable "v" {
  type    = list(any)
  default = []
}
variable "w" { type = set(number) }
resource "terraform_data" "a" {
  for_each = toset([{ a = var.v }])
}
resource "terraform_data" "b" {
  for_each = var.w
}
