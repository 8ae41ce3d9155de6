"""What members contribute to raids."""
