check "c" {
  assert {
    condition     = false
    error_message = "x"
  }
}
