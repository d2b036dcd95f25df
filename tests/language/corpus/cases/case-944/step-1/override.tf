output "a" { 
  precondition {
    condition = path.module == "x"
    error_message = "no"
  }
}
