module "c" { source = "./m" }
output "x" {}
