"""A deploy that has not begun: the subject of the checks of `ops preflight`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops import parameters
from ops.recovery import status_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.target import Target


@dataclass(frozen=True, slots=True)
class Planned:
    """What is going to be deployed: where, with which parameters, and those that it replaces (none if it is new).

    `status` is the stack's, and empty if there is none.
    """

    target: Target
    parameters: Mapping[str, str]
    deployed: Mapping[str, str]
    status: str = ""

    @property
    def is_new(self) -> bool:
        return not self.deployed

    def number(self, name: str) -> int:
        return int(self.parameters[name])

    def more(self, name: str) -> int:
        """By how much a number grows with this deploy; all of it for a new stack."""
        return self.number(name) - int(self.was(name) or 0)

    def was(self, name: str) -> str | None:
        """The value that is deployed; None if the stack is new."""
        return self.deployed.get(name)


def has_served(status: str) -> bool:
    """Whether a stack of that status has been deployed before, whatever is done to it now."""
    return status == "CREATE_COMPLETE" or status.startswith(("UPDATE_", "IMPORT_"))


def read(target: Target, overrides: Sequence[str]) -> Planned:
    """The deploy that these parameters ask for. A stack that never served counts as none."""
    status = status_of(target)
    deployed = target.parameters if has_served(status) else {}
    return Planned(target, parameters.effective(deployed, overrides), deployed, status)
