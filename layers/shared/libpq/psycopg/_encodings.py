"""The encoding of libpq's own messages."""


def pg2pyenc(_: bytes) -> str:
    """Python's name for it: each connection of the game asks for UTF8."""
    return "utf-8"
