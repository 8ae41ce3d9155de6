"""All errors of the game, as one tree. `entrypoints/endpoint.py` turns errors into words for members.

MastermindError
├── MemberMistake        the member can do something about it; the message is for them
│   ├── InputRefused     what was entered cannot be done; the answer gives it back
│   ├── TooFast          more uses at once than the limits allow
│   └── Forgotten        the member was deleted a moment ago
├── RequestRefused       an HTTP request that never becomes an interaction
│   ├── BadSignature     401: not from Discord, or too old
│   ├── TooLarge         413: more than 64 KiB
│   ├── BadRequest       400: signed by Discord's key, and not an interaction
│   └── BadArgument      400: an argument that no command, button or form of ours has
├── BadEvent             an event of Lambda that is none of ours
├── BadMessage           JSON of a queue or another system that is not what it must be
├── Unavailable          something we depend on is down or too slow; nothing of what was asked is stored
│   └── WebhookGone      Discord does not know the webhook
│       └── NoWebhook    no webhook is stored
├── OutcomeUnknown       the database did not say whether a change was stored
├── MessageRefused       Discord refuses a message that we post
├── TryAgain             not yet: back to the queue
├── LimitError           an answer of ours that Discord would refuse: a bug
├── MigrationError       the database could not be brought up to date
│   ├── MigrationRefused the files contradict each other or the database
│   ├── MigrationFailed  PostgreSQL refused a migration
│   └── MigrationsBusy   another runner is at work
├── DeployRefused        the deployed version does not work
└── ConfigError          the environment is wrong: names the variable

Everything else is a bug too: the member gets an apology, it is counted, and an alarm goes off.
"""

from __future__ import annotations


class MastermindError(Exception):
    """Anything the game foresees."""


class MemberMistake(MastermindError):
    """Something the member can put right; the message says what happened and what to do, in their words."""


class InputRefused(MemberMistake):
    """A mistake in what a member entered, or in its moment; the answer gives back what was typed."""


class TooFast(MemberMistake):
    """More uses at once than the limits allow; `again` is when to try again, in seconds since 1970."""

    def __init__(self, again: int) -> None:
        super().__init__(f"Too fast! This one was not done. Please try again <t:{again}:R>.")
        self.again = again


class Forgotten(MemberMistake):
    """Who acts had themselves deleted while this waited; it must not bring them back."""

    def __init__(self) -> None:
        super().__init__(
            "Your data was deleted a moment ago, so nothing was done. "
            "If you use the game again, you start from the beginning."
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
    """Signed by Discord's key, and not an interaction."""

    status = 400


class BadArgument(RequestRefused):
    """An argument of a custom_id, or an option, that nothing of ours can have sent."""

    status = 400


class BadEvent(MastermindError):
    """An event of Lambda that nothing of ours sends."""


class BadMessage(MastermindError):
    """JSON of a queue or another system that is not what it must be; names what is wrong and no value."""


class Unavailable(MastermindError):
    """Something we depend on is down or too slow. Nothing of what was asked is stored, nor will be.

    A service outside of the database may have taken a request all the same: what is sent to one may be sent twice.
    """


class WebhookGone(Unavailable):
    """Discord does not know the webhook: it was deleted, or its URL is wrong. Trying again soon cannot help."""


class NoWebhook(WebhookGone):
    """No URL of a webhook is stored."""


class OutcomeUnknown(MastermindError):
    """The database did not say whether a change was stored; doing it again under the same id stores it once at most."""


class MessageRefused(MastermindError):
    """Discord refuses a message that we post: a bug of ours."""


class TryAgain(MastermindError):
    """The work cannot be done yet; the queue must deliver it again."""


class LimitError(MastermindError):
    """An answer breaks one of Discord's limits: a bug of ours, found before Discord finds it."""


class MigrationError(MastermindError):
    """The database could not be brought up to date."""


class MigrationRefused(MigrationError):
    """The files contradict each other or the database; nothing was applied. The message names the file."""


class MigrationFailed(MigrationError):
    """PostgreSQL refused a migration; those before it are applied, it and those after it are not."""


class MigrationsBusy(MigrationError):
    """Another runner was still at work when the time was up."""


class DeployRefused(MastermindError):
    """The deployed version fails its check; the message says what is wrong."""


class ConfigError(MastermindError):
    """A setting is missing or malformed."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable
