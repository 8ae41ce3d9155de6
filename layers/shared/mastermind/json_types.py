"""The type of a JSON object."""

type Json = dict[str, object]
"""Its values are of any JSON type, and are narrowed where they are used."""
