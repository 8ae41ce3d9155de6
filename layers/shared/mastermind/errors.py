"""What can go wrong, as one tree; `bot` translates it into answers in one place.

MastermindError
├── MemberMistake        told to the member, who can do something about it
│   ├── TooFast          more uses at once than the limits allow
│   └── Forgotten        the member had themselves deleted a moment ago
├── RequestRefused       an HTTP request that never becomes an interaction
│   ├── BadSignature     401: not from Discord, or too old
│   ├── TooLarge         413: more than 64 KiB
│   └── BadRequest       400: rightly signed nonsense
├── Unavailable          something we depend on is down or too slow: a kind answer, nothing half done
├── TryAgain             not yet: back to the queue
├── MigrationError       the database could not be brought up to date; names the file
│   ├── MigrationRefused the files contradict each other or the database
│   ├── MigrationFailed  PostgreSQL refused a migration
│   └── MigrationsBusy   another runner is at work
└── ConfigError          the environment is wrong: names the variable

Everything else is a bug: we apologise, count it and alert.
"""

from __future__ import annotations


class MastermindError(Exception):
    """Anything the game foresees."""


class MemberMistake(MastermindError):
    """Something the member can mend; the message says what happened and what to do, in their words."""


class TooFast(MemberMistake):
    """More uses at once than the limits allow; `again` is when to try again, in seconds since 1970."""

    def __init__(self, again: int) -> None:
        super().__init__(
            f"Too fast! This one was not counted, and nothing was changed. Please try again <t:{again}:R>."
        )
        self.again = again


class Forgotten(MemberMistake):
    """Who acts had themselves deleted while this waited; it must not bring them back."""

    def __init__(self) -> None:
        super().__init__(
            "Your data were deleted a moment ago, so nothing was done. If you use the game again, you begin anew."
        )


class RequestRefused(MastermindError):
    """A request that is answered with an HTTP status instead of an interaction response."""

    status: int = 400


class BadSignature(RequestRefused):
    """Not signed by Discord, or signed too long ago."""

    status = 401


class TooLarge(RequestRefused):
    """A body above the limit of 64 KiB (docs/rules/reach.md, Limits of a request)."""

    status = 413


class BadRequest(RequestRefused):
    """Signed by Discord's key, and still not an interaction."""

    status = 400


class Unavailable(MastermindError):
    """The database or a service did not answer within the deadline; nothing was half done."""


class TryAgain(MastermindError):
    """The work cannot be done yet; the queue shall bring it back."""


class MigrationError(MastermindError):
    """The database could not be brought up to date."""


class MigrationRefused(MigrationError):
    """The files contradict each other or the database; nothing was applied. The message names the file."""


class MigrationFailed(MigrationError):
    """PostgreSQL refused a migration; those before it are applied, it and those after it are not."""


class MigrationsBusy(MigrationError):
    """Another runner was still at work when the time was up."""


class ConfigError(MastermindError):
    """A setting is missing or malformed."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable
