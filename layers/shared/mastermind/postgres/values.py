"""Converts Python's values to PostgreSQL's, and back: parameters as text, results in PostgreSQL's binary format.

The binary format has the same bytes whatever a session has set (DateStyle, IntervalStyle, TimeZone). Only the types
that the game uses are here; another one is a bug that a test meets first.
"""

from __future__ import annotations

import json
import struct
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from mastermind.postgres import sqlstates
from mastermind.postgres.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from psycopg.pq.abc import PGresult

# The numbers of the types in PostgreSQL's catalogue (pg_type), the same in every database.
BOOL, BYTEA, NAME, INT8, INT2, INT4, TEXT, OID, JSON, FLOAT8, UNKNOWN = 16, 17, 19, 20, 21, 23, 25, 26, 114, 701, 705
VARCHAR, DATE, TIMESTAMPTZ, INTERVAL, NUMERIC, VOID, UUID_, JSONB = 1043, 1082, 1184, 1186, 1700, 2278, 2950, 3802
TEXT_ARRAY = 1009
UNTYPED = 0  # PostgreSQL takes the type that the place of the parameter needs

ARRAYS = {
    UNTYPED: UNTYPED, BOOL: 1000, INT4: 1007, INT8: 1016, FLOAT8: 1022, DATE: 1182, TIMESTAMPTZ: 1185, INTERVAL: 1187,
    NUMERIC: 1231, UUID_: 2951,
}  # fmt: skip
INTEGERS = {INT4: range(-(2**31), 2**31), INT8: range(-(2**63), 2**63)}

DAY_0 = date(2000, 1, 1).toordinal()
MOMENT_0 = datetime(2000, 1, 1, tzinfo=UTC)
NO_NUMBERS = {0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}
ARRAY_HEAD = 20  # bytes before the elements


type Parameter = tuple[int, bytes | None]
"""A type's number and the value as text; None is NULL."""


def parameters(query: str, named: Mapping[str, object]) -> tuple[bytes, list[Parameter]]:
    """A query with `%(name)s` as PostgreSQL wants it, and its parameters in order."""
    text, names = _numbered(query)
    return text, [dump(named[name]) for name in names]


@cache
def _numbered(query: str) -> tuple[bytes, tuple[str, ...]]:
    """A query in PostgreSQL's own way, `$1` for the first of the names."""
    text, *parts = query.split("%(")
    names: list[str] = []
    for part in parts:
        name, _, rest = part.partition(")s")
        if name not in names:
            names.append(name)
        text += f"${names.index(name) + 1}{rest}"
    return text.replace("%%", "%").encode(), tuple(names)


def dump(value: object) -> Parameter:
    """The parameter for a value; for a list (an array) its elements are of one type.

    Raises DataError for a text that PostgreSQL cannot store, TypeError for a type that is not used.
    """
    for kind in type(value).__mro__:
        if dumper := _DUMPERS.get(kind):
            return dumper(value)
    raise TypeError(f"no parameter is a {type(value).__name__}")


def _none(_: None) -> Parameter:
    return UNTYPED, None


def _text(value: str) -> Parameter:
    try:
        written = value.encode()
    except UnicodeEncodeError as error:
        raise DataError("half a character is no text", sqlstates.BAD_TEXT) from error
    if b"\0" in written:
        raise DataError("a text has a NUL byte", sqlstates.BAD_TEXT)
    return UNTYPED, written


def _integer(value: int) -> Parameter:
    return next((oid for oid, values in INTEGERS.items() if value in values), NUMERIC), b"%d" % value


def _bool(value: bool) -> Parameter:
    return BOOL, b"t" if value else b"f"


def _as_written(oid: int, value: object) -> Parameter:
    return oid, str(value).encode()


def _bytes(value: bytes) -> Parameter:
    return BYTEA, rb"\x" + value.hex().encode()


def _moment(value: datetime) -> Parameter:
    if value.tzinfo is None:
        raise TypeError("a moment needs its time zone")
    return TIMESTAMPTZ, value.isoformat().encode()


def _interval(value: timedelta) -> Parameter:
    return INTERVAL, b"P%dDT%d.%06dS" % (value.days, value.seconds, value.microseconds)


def _array(values: Sequence[object]) -> Parameter:
    dumped = [dump(value) for value in values]
    # Of integers of several sizes the widest counts.
    oid = max((oid for oid, text in dumped if text is not None), key=_width, default=UNTYPED)
    return ARRAYS[oid], b"{%s}" % b",".join(_element(text) for _, text in dumped)


def _width(oid: int) -> int:
    return (INT4, INT8, NUMERIC).index(oid) if oid in (INT4, INT8, NUMERIC) else 0


def _element(text: bytes | None) -> bytes:
    return b"NULL" if text is None else b'"%s"' % text.replace(b"\\", rb"\\").replace(b'"', rb"\"")


_DUMPERS: dict[type, Callable[[Any], Parameter]] = {
    type(None): _none,
    str: _text,
    bool: _bool,
    int: _integer,
    float: partial(_as_written, FLOAT8),
    UUID: partial(_as_written, UUID_),
    date: partial(_as_written, DATE),
    datetime: _moment,
    timedelta: _interval,
    bytes: _bytes,
    list: _array,
}


def read(result: PGresult) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names of a result's columns and its records.

    Raises DataError for a moment that Python's calendar has not, TypeError for a type that is not used.
    """
    columns = range(result.nfields)
    names = [(result.fname(column) or b"").decode() for column in columns]
    loaders = [_loader(result.ftype(column)) for column in columns]
    get = result.get_value
    return names, [
        tuple(None if (part := get(row, column)) is None else loaders[column](part) for column in columns)
        for row in range(result.ntuples)
    ]


def _loader(oid: int) -> Callable[[bytes], object]:
    try:
        return _LOADERS[oid]
    except KeyError:
        raise TypeError(f"no query returns PostgreSQL's type {oid}") from None


_load_integer = partial(int.from_bytes, byteorder="big", signed=True)


def _load_bool(value: bytes) -> bool:
    return value == b"\x01"


def _load_float(value: bytes) -> float:
    return struct.unpack("!d", value)[0]


def _load_numeric(value: bytes) -> Decimal:
    """Digits to the base of 10,000 with the weight of the first, the sign, and how many decimals are shown."""
    from decimal import MAX_PREC, Context, Decimal  # only sums have this type, and no interaction waits for one

    count, weight, sign, scale = struct.unpack_from("!hhHh", value)
    if sign in NO_NUMBERS:
        return Decimal(NO_NUMBERS[sign])
    number = 0
    for digit in struct.unpack_from(f"!{count}h", value, 8):
        number = number * 10_000 + digit
    exact = Decimal(f"{'-' if sign else ''}{number}E{4 * (weight - count + 1)}")
    return exact.quantize(Decimal((0, (1,), -scale)), context=Context(prec=MAX_PREC))


def _load_jsonb(value: bytes) -> object:
    return json.loads(value[1:])  # behind the number of the format, 1


def _load_uuid(value: bytes) -> UUID:
    return UUID(bytes=value)


def _load_date(value: bytes) -> date:
    try:
        return date.fromordinal(DAY_0 + _load_integer(value))
    except (ValueError, OverflowError) as error:
        raise DataError("a date is not in the calendar", sqlstates.OUT_OF_RANGE) from error


def _load_moment(value: bytes) -> datetime:
    try:
        return MOMENT_0 + timedelta(microseconds=_load_integer(value))
    except OverflowError as error:
        raise DataError("a moment is not in the calendar", sqlstates.OUT_OF_RANGE) from error


def _load_array(value: bytes) -> list[Any]:
    """Of one dimension: its number of them, a flag, the elements' type, their count and lower bound; then the elements.

    Each has its length before it; -1 for NULL. An empty array has no dimension.
    """
    dimensions, _, oid, *counted = struct.unpack_from("!iiiii" if len(value) > ARRAY_HEAD else "!iii", value)
    if not dimensions:
        return []
    elements: list[Any] = []
    load, place = _loader(oid), ARRAY_HEAD
    for _ in range(counted[0]):
        length, place = _load_integer(value[place : place + 4]), place + 4
        elements.append(load(value[place : place + length]) if length >= 0 else None)
        place += max(length, 0)
    return elements


_LOADERS: dict[int, Callable[[bytes], Any]] = {
    BOOL: _load_bool,
    **dict.fromkeys((INT2, INT4, INT8), _load_integer),
    OID: int.from_bytes,
    FLOAT8: _load_float,
    NUMERIC: _load_numeric,
    **dict.fromkeys((TEXT, VARCHAR, NAME, UNKNOWN, VOID), bytes.decode),
    BYTEA: bytes,
    JSONB: _load_jsonb,
    JSON: json.loads,
    UUID_: _load_uuid,
    DATE: _load_date,
    TIMESTAMPTZ: _load_moment,
    **dict.fromkeys((*ARRAYS.values(), TEXT_ARRAY), _load_array),
}
