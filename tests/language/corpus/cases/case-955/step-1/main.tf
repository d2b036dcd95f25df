module "m" { 
  source = "./m" 
  x = count.index
}
