"""The game itself: one folder for each subject, with its rules, SQL and actions."""
