module "n" { source = "./nope" }
