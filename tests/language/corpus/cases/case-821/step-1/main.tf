output "x" { value = "z" }
