"""What a community may change: data files and their validation."""
