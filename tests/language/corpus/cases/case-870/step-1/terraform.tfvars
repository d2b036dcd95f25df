a = 2
b = var.x
c = upper("x")
