variable "v" { type = object({ a = optional(string, "a", "b") }) }
