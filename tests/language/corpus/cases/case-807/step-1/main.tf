locals { l = [] }
check "bad" {
  assert {
    condition     = local.l[0] == 1
    error_message = "x"
  }
}
resource "terraform_data" "a" {}
