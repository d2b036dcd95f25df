resource "terraform_data" "z" { 
  for_each = toset(["k"])
  input = 2 
}
resource "terraform_data" "y" { input = 1 }
moved {
  from = terraform_data.x
  to = terraform_data.z
}
moved {
  from = terraform_data.z
  to = terraform_data.z["k"]
}
