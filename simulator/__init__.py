"""A stand-in for Discord: the page of `make run`, and the server that turns its actions into signed interactions."""
