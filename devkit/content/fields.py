"""The types of fields in content files."""

from __future__ import annotations

import re
import unicodedata

from pydantic import AfterValidator

from mastermind.typed import UNWANTED, is_visible


def line(most: int, pattern: str = ".*", form: str = "") -> AfterValidator:
    """One line of 1 to `most` bytes in UTF-8 that matches `pattern`; `form` describes the pattern to a person.

    Bytes, because Discord counts those of a whole message; characters are never more than bytes.
    """

    def check(value: str) -> str:
        size = len(value.encode(errors="replace"))
        if not 1 <= size <= most:
            raise ValueError(f"must have 1 to {most} bytes in UTF-8, has {size}")
        if value != value.strip():
            raise ValueError("must have no spaces around it")
        if value != " ".join(value.split()):
            raise ValueError("must be one line, with single spaces between its words")
        if sign := UNWANTED.search(value):
            raise ValueError(f"must not have the character U+{ord(sign[0]):04X}: {_what_it_is(sign[0])}")
        if not is_visible(value):
            raise ValueError("must show something")
        if not re.fullmatch(pattern, value):
            raise ValueError(f"must be {form}, is {value!r}")
        return value

    return AfterValidator(check)


def _what_it_is(sign: str) -> str:
    match unicodedata.category(sign):
        case "Cs":
            return "it is half of an emoji or letter, which nothing can store"
        case "Cf":
            return "it changes the direction in which all that follows is written"
        case _:
            return "it is a control character"


def only(wanted: object, reason: str) -> AfterValidator:
    """Nothing but this value."""

    def check(value: object) -> object:
        if value != wanted:
            raise ValueError(f"must be {wanted}: {reason}")
        return value

    return AfterValidator(check)


def snake_case(most: int) -> AfterValidator:
    return line(most, "[a-z][a-z0-9]*(_[a-z0-9]+)*", "lower-case words joined by underscores")
