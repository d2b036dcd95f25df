output "a" { value = each }
output "b" { value = var }
output "c" { value = path }
output "d" { value = terraform }
