variable "e" {
  type      = string
  ephemeral = true
  default   = "x"
}
output "o" { value = var.e }
