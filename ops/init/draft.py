"""The answers so far: they are written to the settings file one by one, so that nothing is asked twice."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops import settings

if TYPE_CHECKING:
    from pathlib import Path

    from ops.asking import Asking
    from ops.settings import Settings


@dataclass
class Draft:
    """The settings as they are now. With `again` every question is asked, with the present answer as its guess."""

    file: Path
    settings: Settings
    again: bool = False

    def has(self, *parameters: str) -> bool:
        """Whether all of these are answered, and not to be asked again."""
        return not self.again and all(one in self.settings.parameters for one in parameters)

    def get(self, parameter: str) -> str:
        return self.settings.parameters.get(parameter, "")

    def put(self, **parameters: str) -> None:
        self._keep(copy.replace(self.settings, parameters={**self.settings.parameters, **parameters}))

    def put_channel(self, purpose: str, channel_id: int) -> None:
        self._keep(copy.replace(self.settings, channels={**self.settings.channels, purpose: str(channel_id)}))

    def place(self, stack: str, region: str) -> None:
        self._keep(copy.replace(self.settings, stack=stack, region=region))

    def take(self, found: Settings) -> None:
        """The settings of a game that is there, as this one's."""
        self._keep(found)

    def _keep(self, changed: Settings) -> None:
        if changed != self.settings or not self.file.exists():
            settings.write(self.file, changed)
        self.settings = changed


@dataclass(frozen=True, slots=True)
class Setup:
    """Whom to ask, the answers so far, and where Discord is. `replaced` is the bot that gets another application."""

    asking: Asking
    draft: Draft
    base_url: str
    replaced: str = ""
