output "o" {
  value     = "plain"
  ephemeral = true
}
