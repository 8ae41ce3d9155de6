"""Regular expressions that are compiled when they are first used.

To compile one costs a cold start more than a thousand matches, and no answer needs a tenth of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from re import Pattern, RegexFlag


def late(pattern: str, flags: RegexFlag | int = 0) -> Pattern[str]:
    """`re.compile`, later; a method that has been used once is that of the compiled pattern."""
    return cast("Pattern[str]", _Late(pattern, flags))


class _Late:
    def __init__(self, pattern: str, flags: RegexFlag | int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 # what the compiled pattern has
        found = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, found)
        return found
