"""Settings of the whole server: what admins choose in Discord instead of what the deploy set."""
