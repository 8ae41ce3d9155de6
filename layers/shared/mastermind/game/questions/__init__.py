"""Questions about the course."""
