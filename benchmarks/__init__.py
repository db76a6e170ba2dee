"""How fast it is: each benchmark prints its figures with the command that repeats it."""
