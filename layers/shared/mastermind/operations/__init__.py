"""What runs the game, apart from what the game is."""
