"""The scenarios shipped with the program."""
