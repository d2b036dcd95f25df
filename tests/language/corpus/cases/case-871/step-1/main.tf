resource "terraform_data" "a" {
  for_each = toset([])
  input    = length(1)
}
resource "terraform_data" "b" {
  count = 0
  lifecycle {
    precondition {
      condition     = length(path.module) == length(1)
      error_message = "x"
    }
  }
}
module "m" {
  source = "./m"
  count  = 0
}
