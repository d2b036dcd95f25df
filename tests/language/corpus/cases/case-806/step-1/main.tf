resource "terraform_data" "a" {
  for_each = { a = 1, b = 2, c = 3 }
  input    = each.value
  lifecycle {
    postcondition {
      condition     = self.output != 2
      error_message = "bad ${each.key}"
    }
  }
}
resource "terraform_data" "after" {
  input = [for k, v in terraform_data.a : v.output]
}
