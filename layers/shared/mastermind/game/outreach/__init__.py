"""Whether the game can speak by itself, and where to a member."""
