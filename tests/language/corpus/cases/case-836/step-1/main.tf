locals { xs = ["a", "b"] }
resource "terraform_data" "a" {
  input = <<-EOT
    start
    %{~for x in local.xs~}
      ${x}
    %{~endfor~}
    end ${"$"}{x} %%{if}
  EOT
}
resource "terraform_data" "b" {
  input = <<EOT
 %{if true~}
   yes
 %{~else~}
   no
 %{~endif}
EOT
}
resource "terraform_data" "c" { input = "%{for i, x in local.xs}${i}:${x}%{if i < 1},%{endif}%{endfor}" }
