check "c" {
  assert {
    condition = self.id == ""
    error_message = "x"
  }
}
