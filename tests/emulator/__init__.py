"""AWS emulator for glaz: moto's server plus an overlay that answers as AWS does."""
