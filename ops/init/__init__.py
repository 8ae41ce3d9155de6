"""`ops init`: from AWS credentials and two bot tokens to a live game."""
