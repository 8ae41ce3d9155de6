"""Reads Discord's JSON strictly: every function raises BadRequest with the field's name for anything unexpected."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mastermind import strict_json
from mastermind.errors import BadRequest
from mastermind.patterns import late

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

type Record = dict[str, object]

BIGGEST_ID = 2**63 - 1  # a snowflake is kept as bigint
_DIGITS = late(r"[0-9]{1,40}")
_UNSTORABLE = late("[\0\ud800-\udfff]")


def load(body: bytes) -> Record:
    """The JSON object in a body: no key twice, no NaN, no nesting that Python cannot parse.

    Bytes that are not UTF-8 become U+FFFD: Discord has signed them, and one odd character must not refuse the rest.
    """
    try:
        value = strict_json.loads(body.decode(errors="replace"))
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    return _record("the body", value)


def record(source: Record, name: str) -> Record:
    return _record(name, source.get(name))


def optional_record(source: Record, name: str) -> Record:
    """A record, empty if it is missing or null."""
    return {} if source.get(name) is None else record(source, name)


def records(source: Record, name: str) -> Sequence[Record]:
    """A list of records, empty when it is missing or null."""
    return [_record(name, value) for value in _list(source, name)]


def named_records(source: Record, name: str) -> dict[int, Record]:
    """Records by snowflake, as Discord resolves users and members; empty when missing or null."""
    return {to_snowflake(name, key): _record(name, value) for key, value in optional_record(source, name).items()}


def texts(source: Record, name: str, size: int) -> tuple[str, ...]:
    """A list of texts, empty when it is missing or null."""
    return tuple(to_text(name, value, size) for value in _list(source, name))


def text(source: Record, name: str, size: int) -> str:
    """A text of 1 to `size` characters."""
    return to_text(name, source.get(name), size) or _refuse(name, "is empty")


def shortened(source: Record, name: str, size: int) -> str:
    """The first `size` characters of a text, empty when it is missing or null."""
    return "" if source.get(name) is None else _text(name, source[name])[:size]


def to_text(name: str, value: object, size: int) -> str:
    """A text of at most `size` characters, without what PostgreSQL and UTF-8 cannot store."""
    found = _text(name, value)
    return found if len(found) <= size else _refuse(name, "is too long")


def _text(name: str, value: object) -> str:
    """A text; U+FFFD stands for each NUL and each half of a surrogate pair in it."""
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else _refuse(name, "is not a text")


def whole(source: Record, name: str) -> int:
    """A whole number; JSON's true and 1.0 are none."""
    value = source.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else _refuse(name, "is not a whole number")


def snowflake(source: Record, name: str) -> int:
    return to_snowflake(name, source.get(name))


def to_snowflake(name: str, value: object) -> int:
    """A Discord id: decimal digits in a text, 1 to 2^63 - 1."""
    number = bits(name, value)
    return number if 0 < number <= BIGGEST_ID else _refuse(name, "is out of range")


def bits(name: str, value: object) -> int:
    """A set of permission bits: decimal digits in a text, of any sensible size."""
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else _refuse(name, "is not in digits")


def _record(name: str, value: object) -> Record:
    return cast("Record", value) if isinstance(value, dict) else _refuse(name, "is not an object")


def _list(source: Record, name: str) -> list[object]:
    value = source.get(name)
    if value is None:
        return []
    return cast("list[object]", value) if isinstance(value, list) else _refuse(name, "is not a list")


def _refuse(name: str, problem: str) -> NoReturn:
    raise BadRequest(f"{name} {problem}")
