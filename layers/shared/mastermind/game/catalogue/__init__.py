"""The catalogue of stats."""
