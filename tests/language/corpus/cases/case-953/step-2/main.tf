resource "terraform_data" "r3" { input = 1 }
resource "terraform_data" "r4" { 
  input = "x" 
  lifecycle { replace_triggered_by = [terraform_data.r3] }
}
resource "terraform_data" "r5" { input = coalesce(terraform_data.r4[*].output, "z") }
