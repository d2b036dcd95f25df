resource "terraform_data" "a" {
  count = 2
}
resource "terraform_data" "b" {
  input = try(terraform_data.a[7].output, 1)
  lifecycle { 
    create_before_destroy = true 
  }
}
