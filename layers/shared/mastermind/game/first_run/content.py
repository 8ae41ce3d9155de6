"""The deeds and the languages that were built in."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mastermind.game.first_run.rules import Deed, Language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEEDS, CHALLENGES, LANGUAGES = (
    Path(__file__).with_name(name) for name in ("deeds.json", "challenges.json", "languages.json")
)


@cache
def deeds() -> Sequence[Deed]:
    """Those that the main application offers: it may log what they are."""
    return tuple(Deed(**each) for each in json.loads(DEEDS.read_bytes()))


@cache
def challenges() -> Sequence[str]:
    """Ids of those that the Tensey application offers: they can be done at once, wherever one is."""
    return tuple(json.loads(CHALLENGES.read_bytes()))


@cache
def languages() -> Mapping[str, Language]:
    """By the language of the client as Discord writes it (https://discord.com/developers/docs/reference#locales)."""
    return {locale: Language(**each) for locale, each in json.loads(LANGUAGES.read_bytes()).items()}
