"""Who the moderators are: the role that the admins have chosen, else the deploy's (docs/rules/settings.md)."""

from __future__ import annotations

import time
from copy import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.bot.call import Services
    from mastermind.config import DiscordSettings

OLDEST = 60.0
"""Seconds for which a process caches the setting: a change takes that long to take effect everywhere."""


class Moderators:
    """The settings with the current moderators' role, which is read only where it decides something."""

    def __init__(self, deployed: DiscordSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = deployed
        self._deployed, self._clock, self._old_from = deployed, clock, 0.0

    def read(self, services: Services) -> DiscordSettings:
        """The settings, at most OLDEST seconds old; raises Unavailable."""
        if self._clock() >= self._old_from:
            from mastermind.game.server_settings import table as server_settings  # few interactions need it

            self.note(int(services.run(server_settings.read_moderator_role)))
        return self.settings

    def note(self, chosen: int) -> None:
        """The admins have chosen that role; 0 is the deploy's."""
        self.settings = replace(self._deployed, moderator_role_id=chosen or self._deployed.moderator_role_id)
        self._old_from = self._clock() + OLDEST
