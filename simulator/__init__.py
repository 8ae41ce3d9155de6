"""A Discord of our own: what the page of `make run` asks, and how it becomes signed interactions with the game."""
