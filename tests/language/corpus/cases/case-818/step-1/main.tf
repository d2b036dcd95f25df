output "x" { value = { a = [1, 2], b = null } }
output "s" {
  value     = "secret"
  sensitive = true
}
