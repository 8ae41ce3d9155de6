"""Leaderboards, ranks, the scorecard."""
