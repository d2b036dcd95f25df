provider "terraform" { alias = "x" }
