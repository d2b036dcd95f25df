removed {
  from = terraform_data.a
  lifecycle { destroy = false }
}
variable "x" {
  default = 5
  validation { 
    condition = var.x > 5
    error_message = "no"
  }
}
