"""Whether the game can send messages by itself, and where to a member."""
