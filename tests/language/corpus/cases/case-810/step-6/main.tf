variable "v" {
  type    = map(object({ a = string }))
  default = { k = {} }
}
