removed {
  from = terraform_data.a
  lifecycle { destroy = false }
}
resource "terraform_data" "b" { 
  lifecycle { 
    precondition { 
      condition = 1 > length(path.module)
      error_message = "q"
    }
  }
}
