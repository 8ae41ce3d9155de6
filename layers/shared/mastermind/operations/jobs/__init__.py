"""Jobs that another function does."""
