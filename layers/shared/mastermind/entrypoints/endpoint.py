"""The whole way from an API Gateway event to its answer, and the one place where errors become answers.

Nothing is trusted before the signature is verified: until then, everything unexpected is a 401.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mastermind import observability
from mastermind.bot import care, repeats
from mastermind.bot.entries import MOST
from mastermind.discord import limits, signature
from mastermind.discord.commands import PLAIN
from mastermind.discord.interactions import Interaction, InteractionType, parse
from mastermind.discord.replies import SHOWN, Choices, attachments, render, say
from mastermind.discord.snowflakes import is_to_come
from mastermind.discord.text import cut
from mastermind.entrypoints.api_gateway import TextFile, of_release, read, respond, respond_with_files
from mastermind.errors import (
    BadRequest,
    BadSignature,
    InputRefused,
    MemberMistake,
    OutcomeUnknown,
    RequestRefused,
    TooFast,
    TooLarge,
    TryAgain,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mastermind.bot.call import Services
    from mastermind.bot.dispatch import Dispatch
    from mastermind.deadline import Deadline
    from mastermind.discord.commands import Commands
    from mastermind.discord.replies import Reply
    from mastermind.entrypoints.api_gateway import Request
    from mastermind.json_types import Json

log = logging.getLogger(__name__)

UNAVAILABLE = "The game can't reach its database right now, so this was not done. Please try again in a minute."
BUG = (
    "Something went wrong on our side, and we have been notified. Please *Try again*: nothing is stored twice by that. "
    "If it fails, show an admin: `{}`"
)

LONGEST_REFUSAL = limits.TEXT - MOST
"""Characters of a refusal that stands above what was typed."""

_WHAT_WAS_WRONG = {400: "bad request", 401: "invalid request signature", 404: "not found", 413: "request too large"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The HTTP side of one application.

    `services` builds what commands use; `health` answers GET /health, or is None where that is not served.
    `release` is in a header of every answer over HTTP: the deploy's check knows by it which version it has reached.
    What answers name of `commands` can be tapped.
    """

    dispatch: Dispatch
    services: Callable[[Deadline], Services]
    health: Callable[[Deadline], Json] | None = None
    release: str = ""
    commands: Commands = PLAIN

    def serve(self, event: object, deadline: Deadline) -> Json:
        """The response to an event of API Gateway, whatever the event is; raises nothing."""
        with observability.correlated():
            return of_release(self._answer(event, deadline), self.release)

    def _answer(self, event: object, deadline: Deadline) -> Json:
        try:
            return self._serve(event, deadline)
        except (BadSignature, TooLarge) as refusal:
            observability.refusals.add(str(refusal))
            return refuse(refusal.status)
        except RequestRefused as refusal:
            log.info("request refused", extra={"status": refusal.status, "reason": str(refusal)})
            return refuse(refusal.status)
        except Exception:
            log.exception("a request failed unexpectedly")
            observability.count(observability.BUGS)
            return refuse(BadRequest.status)

    def serve_unsigned(self, body: bytes, deadline: Deadline) -> Json:
        """The response to an interaction that IAM has let in, in place of Discord's signature; raises nothing."""
        with observability.correlated():
            try:
                return self._respond(body, deadline)
            except RequestRefused as refusal:
                return refuse(refusal.status)

    def _serve(self, event: object, deadline: Deadline) -> Json:
        with _untrusted():
            request = read(event)
        if self.health and (request.method, request.path) == ("GET", "/health"):
            return self.health(deadline)
        if (request.method, request.path) != ("POST", f"/interactions/{self.dispatch.app}"):
            return refuse(404)
        self._verify(request)
        return self._respond(request.body, deadline)

    def _respond(self, body: bytes, deadline: Deadline) -> Json:
        interaction = parse(body)
        if is_to_come(interaction.id, time.time()):
            raise BadRequest("its id is of a time to come")
        answer, files = self._reply(interaction, deadline)
        return respond_with_files(200, answer, files) if files else respond(200, answer)

    def _verify(self, request: Request) -> None:
        """Verify that Discord sent it; raises BadSignature."""
        headers = request.headers
        signed, at = headers.get("x-signature-ed25519"), headers.get("x-signature-timestamp")
        with _untrusted():
            signature.verify(self.dispatch.settings.public_key, signed, at, request.body, now=time.time())

    def _reply(self, interaction: Interaction, deadline: Deadline) -> tuple[Json, tuple[TextFile, ...]]:
        """The answer, and the files that travel with it."""
        observability.correlate(interaction_id=interaction.id)
        began = time.perf_counter()
        services = self.services(deadline)
        commands = self.commands if interaction.guild_id is not None else PLAIN  # none opens in a direct message
        in_need = care.look(interaction, services, self.dispatch.settings.guild_id)
        try:
            reply = self.dispatch.answer(interaction, services)
            answer, outcome = render(reply, commands), "done"
        except Exception as error:  # noqa: BLE001 (no error of a command may leave a member without an answer)
            reply = self._translate(error, interaction, in_need=in_need is not None)
            answer, outcome = render(reply, commands), type(error).__name__
        if in_need:
            reply = in_need.answer(reply)
            answer = render(reply, commands)
        if isinstance(reply, SHOWN) and reply.picture:
            self._draw(reply.picture, answer, interaction, services)
        log.info("interaction answered", extra=_facts(interaction, outcome, time.perf_counter() - began))
        return answer, tuple(TextFile(file.name, file.kind, file.text) for file in attachments(reply))

    @staticmethod
    def _draw(picture: Callable[[], str], answer: Json, interaction: Interaction, services: Services) -> None:
        from mastermind.bot import pictures  # few answers have one

        pictures.send(picture, cast("Json", answer["data"]), interaction, services)

    def _translate(self, error: Exception, interaction: Interaction, *, in_need: bool) -> Reply:
        """The answer to an error: a private message, or no choices where a message cannot be shown.

        Rightly signed nonsense is no member's doing: it goes on to become a 400, unless its author is in need.
        """
        is_typing = interaction.kind is InteractionType.AUTOCOMPLETE
        if not is_typing and isinstance(error, RequestRefused):
            if in_need:
                return say(care.UNREADABLE)
            raise error
        _note(error)
        if is_typing:
            return Choices(())
        match error:
            case InputRefused():
                return self.dispatch.refuse(interaction, cut(str(error), LONGEST_REFUSAL))
            case MemberMistake() if not isinstance(error, TooFast):
                return say(cut(str(error), limits.TEXT))
            case _:
                return repeats.offer(
                    interaction, self.dispatch.settings, _words(error, interaction), always=_may_be_stored(error)
                )


def refuse(status: int) -> Json:
    """An answer that is no interaction response, and gives nothing away."""
    return respond(status, {"error": _WHAT_WAS_WRONG[status]})


@contextmanager
def _untrusted() -> Generator[None]:
    """Turn every error into a BadSignature, because nothing is proved to come from Discord yet. TooLarge stays."""
    try:
        yield
    except (TooLarge, BadSignature):
        raise
    except RequestRefused as error:
        raise BadSignature(str(error)) from error
    except Exception as error:
        log.exception("a request failed before it was verified")
        observability.count(observability.BUGS)
        raise BadSignature("not verified") from error


def _note(error: Exception) -> None:
    """Log an error that is not the member's doing, and count it."""
    match error:
        case TooFast():
            observability.count(observability.TOO_FAST)
        case MemberMistake() | RequestRefused():
            pass
        case Unavailable() | TryAgain() | OutcomeUnknown():
            log.warning("unavailable", extra={"reason": str(error)})
            observability.count(observability.UNAVAILABLE)
        case _:
            log.error("a command broke", exc_info=error)
            observability.count(observability.BUGS)


def _words(error: Exception, interaction: Interaction) -> str:
    match error:
        case TooFast():
            return str(error)
        case OutcomeUnknown():
            return ""
        case Unavailable() | TryAgain():
            return UNAVAILABLE
        case _:
            return BUG.format(interaction.id)


def _may_be_stored(error: Exception) -> bool:
    """Whether the work may have completed: then a repeat must be safe."""
    return not isinstance(error, TooFast | Unavailable | TryAgain)


def _facts(interaction: Interaction, outcome: str, seconds: float) -> dict[str, object]:
    words = " ".join((interaction.name, *interaction.path)).strip()
    return {
        "kind": interaction.kind.name.lower(),
        "command": words or " ".join(interaction.custom_id.split(":")[1:3]),
        "outcome": outcome,
        "ms": round(seconds * 1000, 1),
    }
