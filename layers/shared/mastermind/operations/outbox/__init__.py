"""What the game sends by Discord's REST API: requests that need the bot token, and edits of answers."""
