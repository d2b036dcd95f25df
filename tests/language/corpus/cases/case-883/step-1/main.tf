output "a" { value = -0 }
output "b" { value = 0 * -1 }
output "c" { value = -0 == 0 }
output "d" { value = tostring(-0) }
output "e" { value = "${0 * -1}" }
output "f" { value = jsonencode(-0) }
output "g" { value = [-0, {a = -0}] }
output "h" { value = tonumber("-0") }
output "i" { value = jsondecode("-0") }
output "j" { value = ceil(-0.5) }
output "k" { value = yamldecode("-0") }
output "m" { value = -(0) }
output "n" { value = 0 - 0 }
output "o" { value = 0 / -5 }
output "p" { value = -5 % 5 }
output "q" { value = abs(-0) }
output "r" { value = min(0, -0) }
output "s" { value = max(-0, 0) }
output "t" { value = format("%d %s %v %f %g", -0, -0, -0, -0, -0) }
output "u" { value = parseint("-0", 10) }
output "v" { value = floor(-0.0) }
output "w" { value = signum(-0) }
output "x" { value = sum([-0]) }
output "y" { value = pow(-0, 1) }
output "z" { value = yamlencode(-0) }
resource "terraform_data" "a" { input = -0 }
