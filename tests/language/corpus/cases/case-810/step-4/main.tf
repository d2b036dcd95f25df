variable "v" { type = object({ a = optional() }) }
