output "a" { value = try(provider::terraform::encode_expr(1), 2) }
