output "y" {}
