"""What waits for admins and moderators, and how the week is."""
