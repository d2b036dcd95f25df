terraform {
  required_providers {
    tf = { source = "terraform.io/builtin/terraform" }
  }
}
output "a" { value = provider::tf::encode_expr([1, "a"]) }
output "b" { value = templatefile("x.tpl", {}) }
output "c" { value = try(provider::tf::decode_tfvars("a = ["), "no") }
