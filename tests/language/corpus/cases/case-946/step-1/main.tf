variable "x" { 
  default = 1
  description = null 
  sensitive = null
}
output "y" { 
  value = 1
  description = null 
}
