"""The game's own messages: composed at hand-over, recorded when their outcome is known (docs/rules/relay.md)."""
