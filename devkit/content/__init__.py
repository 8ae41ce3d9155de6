"""Content files, checked when the game is built; the functions load what the build wrote without checking it again."""
