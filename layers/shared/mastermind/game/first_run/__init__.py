"""The first run: three steps that lead a newcomer into the game."""
