"""What the game says by itself: composed when it is handed over, booked when it is answered (docs/rules/relay.md)."""
