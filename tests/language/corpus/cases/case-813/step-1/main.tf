resource "terraform_data" "a" { input = "x" }
resource "terraform_data" "l" { input = ["a"] }
output "notnull" { value = terraform_data.a.id == null }
output "prefix" { value = "pre-${terraform_data.a.id}" != "x" }
output "prefix2" { value = "pre-${terraform_data.a.id}" == null }
output "starts" { value = startswith("pre-${terraform_data.a.id}", "pre-") }
output "starts2" { value = startswith("pre-${terraform_data.a.id}", "po") }
output "len" { value = length([terraform_data.a.id, terraform_data.a.output]) }
output "lenl" { value = length(terraform_data.l.output) >= 0 }
output "and" { value = false && terraform_data.a.output }
output "or" { value = true || terraform_data.a.output == "x" }
output "and2" { value = terraform_data.a.output == "x" && false }
output "cond" { value = terraform_data.a.output == "x" ? "same" : "same" }
output "cond2" { value = terraform_data.a.output == "x" ? "p-${terraform_data.a.id}" : "p-q" }
output "coalesce" { value = coalesce(terraform_data.a.id, "x") }
output "set" { value = toset([terraform_data.a.id, "a"]) }
output "setlen" { value = length(toset([terraform_data.a.id, "a"])) }
output "map" { value = { (terraform_data.a.id) = 1 } }
output "keys" { value = keys({ a = terraform_data.a.id }) }
output "values" { value = values({ a = terraform_data.a.id, b = 1 }) }
output "concat" { value = concat(["a"], [terraform_data.a.id]) }
output "contains" { value = contains(["a", terraform_data.a.id], "a") }
output "contains2" { value = contains(["a", terraform_data.a.id], "b") }
output "merge" { value = merge({ a = 1 }, { b = terraform_data.a.id }) }
output "lookup" { value = lookup({ a = terraform_data.a.id }, "b", "def") }
output "json" { value = jsonencode({ a = terraform_data.a.id }) }
output "fmt" { value = format("%s-%d", "a", 3) }
output "fmt2" { value = format("ab-%s", terraform_data.a.id) }
output "join" { value = join(",", ["a", terraform_data.a.id]) }
output "split" { value = split(",", terraform_data.a.id) }
output "upper" { value = upper(terraform_data.a.id) }
output "neg" { value = !(terraform_data.a.output == "x") }
output "zip" { value = zipmap(["a"], [terraform_data.a.id]) }
output "range" { value = [for i in range(2) : "${i}-${terraform_data.a.id}"] }
output "splat" { value = terraform_data.a[*].id }
output "one" { value = one([terraform_data.a.id]) }
output "flat" { value = flatten([["a"], terraform_data.l.output]) }
output "type" { value = tostring(terraform_data.a.output) }
output "elem" { value = element(["a", terraform_data.a.id], 0) }
output "slice" { value = slice(["a", terraform_data.a.id, "c"], 0, 1) }
output "rev" { value = reverse(["a", terraform_data.a.id]) }
output "dist" { value = distinct(["a", terraform_data.a.id]) }
output "sort" { value = sort(["a", terraform_data.a.id]) }
output "max" { value = max(1, 2) }
output "gt" { value = length(terraform_data.a.id) > -1 }
output "ge" { value = length(terraform_data.l.output) > -1 }
output "index" { value = index(["a", terraform_data.a.id], "a") }
output "md5" { value = md5(terraform_data.a.id) != null }
output "b64" { value = base64encode(terraform_data.a.id) }
output "repl" { value = replace("a-b", "-", terraform_data.a.id) }
output "sub" { value = substr("abc-${terraform_data.a.id}", 0, 2) }
