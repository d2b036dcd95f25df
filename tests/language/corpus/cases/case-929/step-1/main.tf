resource "terraform_data" "a" {
  count = 2
  input = count.index > 5 ? terraform_data.a[2].output : "k"
}
