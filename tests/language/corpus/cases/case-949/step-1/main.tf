resource "terraform_data" "a" { 
  lifecycle {
    precondition {
      condition = false
      error_message = "failed"
    }
  }
}
module "m" {
  source = "./m"
  providers = { terraform = terraform }
}
