variable "s" {
  default   = { a = 1 }
  sensitive = true
}
resource "terraform_data" "a" {
  for_each = toset(nonsensitive(keys(var.s)))
  input    = var.s[each.key]
}
output "k" { value = keys(terraform_data.a) }
