variable "a" { default = "y" }
variable "b" { type = string }
