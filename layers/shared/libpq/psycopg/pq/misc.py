"""What the wrapper makes of lists and messages."""

# pyright: reportUntypedNamedTuple=false

from collections import namedtuple

# psycopg names their fields; nothing of the game reads one.
PGnotify = namedtuple("PGnotify", ["relname", "be_pid", "extra"])  # noqa: PYI024 # typing is not loaded for it
PGresAttDesc = namedtuple(  # noqa: PYI024
    "PGresAttDesc", ["name", "tableid", "columnid", "format", "typid", "typlen", "atttypmod"]
)
ConninfoOption = namedtuple(  # noqa: PYI024
    "ConninfoOption", ["keyword", "envvar", "compiled", "val", "label", "dispchar", "dispsize"]
)


def connection_summary(_: object) -> str:
    """For its `repr`, which shows no address."""
    return ""


def _clean_error_message(message: bytes, encoding: str) -> str:  # pyright: ignore[reportUnusedFunction] # the wrapper's
    return message.decode(encoding, "replace").strip()
