"""Days: what is logged, streaks, XP."""
