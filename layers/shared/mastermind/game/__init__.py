"""What the game is: a folder a subject, each with its rules, SQL and actions."""
