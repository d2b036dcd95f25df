output "v" {
  value = 1
  precondition {
    condition = self.id == ""
    error_message = "x"
  }
}
