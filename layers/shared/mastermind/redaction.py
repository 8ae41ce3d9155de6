"""What never leaves a function: secrets in texts and under telling names, and bodies of interactions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from mastermind.patterns import late

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

REDACTED = "[redacted]"

# Nearly every text of a line: a few words or an id of AWS. Every secret that the patterns below find has a longer run
# of letters or one of the signs that are missing here.
_PLAIN = late(r"[0-9a-f-]{36}|[\w-]{1,19}+(?: [\w-]{1,19}+){0,9}+")

_SECRET_KEYS = late(r"(?i)token|signature|password|secret|authorization|private_?key|^body$|^event$|webhook")

# The parts in parentheses stay. The first pattern is for what no other foresees (no word and no id is that long), and
# leaves the others no long runs to search; with LONGEST_TEXT it keeps the time for any text short.
_SECRET_TEXTS = (
    late(r"[\w+=-]{60,}"),
    late(r"https?://[^\s\"'<>]*/webhooks/[^\s\"'<>]*"),
    late(r"(://[^\s:/@]*:)[^\s@]{1,300}(?=@)"),
    late(r"(?i)((?:password|passwd|secret|token|signature|credential)[\w-]*[\"']?\s*[=:>]\s*)[\"']?[^\s\"'&,;})]+"),
    late(r"(?i)((?:authorization[\"']?\s*[=:]\s*[\"']?)?\b(?:bot|bearer)\s+)[\w.~+/=-]{20,}"),
    late(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{25,}"),
    late(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    # What a member wrote, in PostgreSQL's words about a row that it refuses; it may hold anything, line ends too.
    late(r"(?s)(Failing row contains )\((?:.*\)\.|.*)"),
)
_OF_A_BODY = late(r"[\"'](?:token|application_id)[\"']")

LONGEST_TEXT = 10_000
"""Characters of one text in a log line; of a longer one the beginning and the end are kept."""


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without anything that is or looks like a secret."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text if _PLAIN.fullmatch(text) else without_patterns(text)


def without_patterns(text: str) -> str:
    """The text without anything that looks like a secret."""
    text = _without_body(_shortened(text))
    for pattern in _SECRET_TEXTS:
        text = pattern.sub(_keep_the_name, text)
    return text


def _shortened(text: str) -> str:
    half = LONGEST_TEXT // 2
    return text if len(text) <= LONGEST_TEXT else f"{text[:half]} [...] {text[-half:]}"


def _without_body(text: str) -> str:
    """The text without the JSON of an interaction, from its first brace to its last."""
    begin, end = text.find("{"), text.rfind("}") + 1
    found = _OF_A_BODY.search(text, begin) if begin >= 0 else None
    if not found:
        return text
    return text[:begin] + REDACTED + (text[end:] if end > found.end() else "")


def _keep_the_name(match: re.Match[str]) -> str:
    return (match[1] if match.re.groups else "") + REDACTED


def clean(value: object, secrets: tuple[str, ...]) -> object:
    """Any value of a log line as JSON can hold it, redacted in depth."""
    match value:
        case str():
            return redact(value, secrets)
        case None | bool() | int() | float():
            return value
        case dict():
            return clean_entries({str(key): part for key, part in cast("_Anything", value).items()}, secrets)
        case list() | tuple():
            return [clean(part, secrets) for part in cast("Iterable[object]", value)]
        case _:
            return redact(str(value), secrets)


type _Anything = dict[object, object]


def clean_entries(entries: Mapping[str, object], secrets: tuple[str, ...]) -> dict[str, object]:
    """The same for values under names; nothing of what is called a secret stays."""
    return {key: REDACTED if _is_telling(key) else clean(value, secrets) for key, value in entries.items()}


@lru_cache(256)  # the same few keys stand in every line
def _is_telling(key: str) -> bool:
    return _SECRET_KEYS.search(key) is not None
