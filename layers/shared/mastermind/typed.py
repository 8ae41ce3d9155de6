"""Reads what people type, on any keyboard: each kind of input is read by one function.

Numbers, names and words to confirm are read here; days in game/days/typed_days.py, time zones in
game/settings/time_zones.py. All of them compare what `fold` returns (docs/rules/input.md).
"""

from __future__ import annotations

import unicodedata
from operator import itemgetter
from typing import TYPE_CHECKING

from mastermind.patterns import late

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BLANKS = "\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159"
"""Letters and symbols that are drawn as nothing."""

_IGNORED = late(
    f"[{_BLANKS}\u034f\u17b4\u17b5\u180b-\u180f\u2060-\u206f\ufe00-\ufe0f\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Characters that no font draws, of categories whose other characters are drawn; and the blanks."""

UNWANTED = late("[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, what reverses the direction of all that follows, and halves of a surrogate pair."""

_HIDDEN = {"Cc", "Cf", "Cs"}
"""Categories that show nothing: controls, formats, half surrogates."""

_DEPENDENT = {"Mn", "Me", "Zs", "Zl", "Zp"}
"""Categories that show something beside other signs only: marks on them, and spaces."""

_SIGNS = str.maketrans(
    dict.fromkeys("’‘‛‚ʼʻʹ´`′", "'")
    | dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("−˗⁃", "-")
    | dict.fromkeys("،、٬", ",")
    | dict.fromkeys("。٫", ".")
    | dict.fromkeys("æÆ", "ae")
    | dict.fromkeys("œŒ", "oe")
    | dict.fromkeys("øØ", "o")
    | dict.fromkeys("łŁ", "l")
    | dict.fromkeys("đĐðÐ", "d")
    | dict.fromkeys("þÞ", "th")
    | {"ı": "i"}
    | {digit: f"^{value}" for value, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
    | {digit: f"_{value}" for value, digit in enumerate("₀₁₂₃₄₅₆₇₈₉")}
)
"""What Unicode's compatibility forms leave as it is, or turn into something else (10² is not 102)."""

_FIRST_ACCENT = 10
"""Combining classes from here on are accents and vowel points; below are signs that make another letter."""

_AROUND = late(r"^\W+|\W+$")
_WHOLE_NUMBER = late(r"[+-]? ?[0-9]{1,4000}")  # Python converts at most 4 300 digits


def fold(words: str) -> str:
    """The words as they are compared: lower case, on one line, without accents and invisible characters.

    Dashes, quotation marks and apostrophes are those of a keyboard, digits of any script are 0 to 9.
    """
    if words.isascii() and words.isprintable():
        return " ".join(words.replace("`", "'").casefold().split())
    spelled = _decomposed(_decomposed(words.translate(_SIGNS)).casefold())
    return " ".join(unicodedata.normalize("NFC", "".join(map(_plain, _IGNORED.sub("", spelled)))).split())


def bare(words: str) -> str:
    """The words without invisible characters, and blanks around them."""
    return "".join(sign for sign in _IGNORED.sub("", words) if unicodedata.category(sign) != "Cf").strip()


def is_visible(words: str) -> bool:
    """Whether the words show anything."""
    return any(unicodedata.category(sign) not in _HIDDEN | _DEPENDENT for sign in _IGNORED.sub("", words))


def visible_length(words: str) -> int:
    """How many characters the words have without those that show nothing; several blanks count as one."""
    shown = [sign for sign in _IGNORED.sub("", words) if sign.isspace() or unicodedata.category(sign) not in _HIDDEN]
    return len(" ".join("".join(shown).split())) if is_visible(words) else 0


def whole_number(words: str) -> int | None:
    """The whole number that was typed, in digits of any script, below zero too; None for anything else."""
    folded = fold(words)
    return int(folded.replace(" ", "")) if _WHOLE_NUMBER.fullmatch(folded) else None


def confirms(words: str, word: str) -> bool:
    """Whether the word to confirm was typed; capitals, and signs and blanks around it, do not matter."""
    return _AROUND.sub("", fold(words)) == fold(word)


def suggested[T](words: str, names: Iterable[tuple[T, str]]) -> list[T]:
    """What has the typed words in its name, first where they begin a word; everything when nothing was typed."""
    sought = fold(words)
    found = [(f" {sought}" not in f" {folded}", each) for each, name in names if sought in (folded := fold(name))]
    return [each for _, each in sorted(found, key=itemgetter(0))]


def meant[T](words: str, names: Sequence[tuple[T, str]]) -> T | None:
    """The one with that name, else the only one that has the words in its name; None when there is no such one."""
    sought = fold(words)
    exact = [each for each, name in names if sought == fold(name)]
    found = exact or (suggested(words, names) if sought else [])
    return found[0] if len(set(found)) == 1 else None


def _decomposed(words: str) -> str:
    return unicodedata.normalize("NFKD", words)


def _plain(sign: str) -> str:
    """A decomposed character as it is compared; "" for what does not count."""
    match unicodedata.category(sign):
        case "Nd":
            return str(unicodedata.decimal(sign))
        case "Pd":
            return "-"
        case "Cc":
            return " " if sign.isspace() else ""
        case "Cf" | "Cs" | "Me":
            return ""
        case "Mn":
            return "" if unicodedata.combining(sign) >= _FIRST_ACCENT else sign
        case _:
            return sign
