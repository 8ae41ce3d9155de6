"""What a strike proposes, and what becomes of it in Discord."""
