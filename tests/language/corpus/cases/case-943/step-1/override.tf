resource "terraform_data" "a" { 
  lifecycle {
    postcondition {
      condition = self.id == "x"
      error_message = "no"
    }
    precondition {
      condition = path.module == "x"
      error_message = "no"
    }
    create_before_destroy = true
  }
}
