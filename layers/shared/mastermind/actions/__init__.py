"""What the game does: load, decide, save, one transaction each."""
