variable "s" {
  default   = "x"
  sensitive = true
}
output "o" { value = nonsensitive(var.s == "x" ? "yes" : "no") }
output "p" { value = nonsensitive("plain") }
output "q" { value = sensitive("x") }
