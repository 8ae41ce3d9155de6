"""What waits for a member until they have read it."""
