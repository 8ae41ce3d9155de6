"""`ops post-buttons`: the pinned messages whose button opens a member's own list, and their own leaderboard."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlencode, urlsplit

import typer

from mastermind.bot import custom_ids
from mastermind.discord.components import Button, ButtonStyle, Container, Gallery, Row, Text, Thumbnail
from mastermind.discord.limits import MEDIA_URL
from mastermind.discord.replies import Message
from ops.discord import API, Discord, read_token, refused, stop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import httpx

    from ops.discord import Json

ENDPOINT = "/interactions/tensey"
"""How the URL ends that Discord sends tensey's interactions to."""

PINS = 50
"""So many pinned messages Discord shows at once."""

NONCE = 25
"""Characters of a message's nonce."""

UNKNOWN_MESSAGE = 10008
"""Discord's code for a message that is gone (10003 is a channel)."""


# --- what is posted ---


@dataclass(frozen=True, slots=True)
class Post:
    """A message with one button: `name` is how the operator calls it, `command` whose `open` the button is."""

    name: str
    command: str
    words: str
    label: str
    picture: str

    @property
    def custom_id(self) -> str:
        """Of nobody in particular: whoever taps gets their own, and the message stays as it is."""
        return custom_ids.make(self.command, "open", 0)

    def body(self, banner: str | None) -> Json:
        """The message as Discord takes it, with the banner (an https URL) on top if there is one."""
        gallery = (Gallery((Thumbnail(banner, self.picture),)),) if banner else ()
        row = Row((Button(self.label, self.custom_id, ButtonStyle.PRIMARY),))
        shown = Message((Container((*gallery, Text(self.words), row)),), private=False).json()
        return cast("Json", shown["data"])


LIST = Post(
    "list",
    "tenseylist",
    "## Your challenges\n"
    "Small tasks in social courage, from warm-up to grandmaster. Do one, tick it, and soon +100 XP are yours.\n"
    "Tap the button and your list opens; only you can see it.",
    "Open my list",
    "A banner for the list of challenges",
)
LEADERBOARD = Post(
    "leaderboard",
    "tenseyleaderboard",
    "## The leaderboard\n"
    "Who has done how many challenges, and where you stand.\n"
    "Tap the button and it opens as it is at that moment; only you can see it.",
    "Open the leaderboard",
    "A banner for the leaderboard",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that shall stand, pinned, in a channel."""

    post: Post
    channel: str
    body: Json


# --- what is remembered ---


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a message was posted; ids as Discord writes them."""

    channel: str
    message: str


@dataclass(frozen=True, slots=True)
class State:
    """Which messages an application has posted: a JSON file {application: {name: {"channel", "message"}}}.

    The file may serve several deployments, and knows no secret.
    """

    file: Path
    application: str

    def kept(self, name: str) -> Kept | None:
        try:
            entry = self._read()[self.application][name]
            return Kept(str(int(entry["channel"])), str(int(entry["message"])))
        except KeyError:
            return None
        except (ValueError, TypeError, AttributeError):
            stop(f"{self.file} is not what this tool has written. Move it away: pinned messages are found again.")

    def keep(self, name: str, kept: Kept) -> None:
        """Remember it at once and as a whole: a file that is half written would forget everything."""
        known = self._read()
        known.setdefault(self.application, {})[name] = {"channel": kept.channel, "message": kept.message}
        fresh = self.file.with_name(f"{self.file.name}.new")
        fresh.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        fresh.replace(self.file)

    def _read(self) -> dict[str, dict[str, dict[str, str]]]:
        try:
            return json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}


# --- what there is, and what differs ---


@dataclass(frozen=True, slots=True)
class Found:
    """How a wish stands: the message in its channel if there is one, and one that stayed behind in another channel."""

    wish: Wish
    message: Json | None
    behind: Kept | None = None

    @property
    def is_current(self) -> bool:
        return self.message is not None and _holds(self.message.get("components"), self.wish.body["components"])

    @property
    def is_pinned(self) -> bool:
        return self.message is not None and self.message.get("pinned") is True

    def lines(self) -> Iterator[str]:
        """What has to be done, for a person to read."""
        what = f"“{self.wish.post.label}” in channel {self.wish.channel}"
        if self.message is None:
            yield f"+ {what} is posted and pinned"
        elif not self.is_current:
            yield f"~ {what} is refreshed"
        if self.message and not self.is_pinned:
            yield f"~ {what} is pinned again"
        if self.behind:
            yield f"- the one in channel {self.behind.channel} goes"


@dataclass(frozen=True, slots=True)
class Board:
    """The channels as a bot (by its user id) writes in them, and what it remembers of them."""

    discord: Discord
    bot: str
    state: State

    def find(self, wish: Wish) -> Found:
        """How the wish stands. A message that was forgotten here is found among the pinned ones of its channel."""
        kept = self.state.kept(wish.post.name)
        if kept and kept.channel == wish.channel:
            return Found(wish, self._posted(kept) or self._pinned(wish))
        return Found(wish, self._pinned(wish), behind=kept)

    def fulfil(self, found: Found) -> None:
        """Do what `found.lines()` says. The id of a new message is remembered before anything else may fail."""
        wish = found.wish
        message = found.message or self._post(wish)
        kept = Kept(wish.channel, str(message["id"]))
        self.state.keep(wish.post.name, kept)
        if found.message and not found.is_current:
            self.discord.demand("PATCH", _path(kept), wish.body, hints=_may_not_write(wish.channel))
        if not found.is_pinned:
            path = f"/channels/{kept.channel}/messages/pins/{kept.message}"
            self.discord.demand("PUT", path, hints=_may_not_pin(wish.channel))
        if found.behind:
            self._take_away(found.behind)

    def _posted(self, kept: Kept) -> Json | None:
        """The message that was posted; None when somebody deleted it."""
        response = self.discord.ask("GET", _path(kept))
        if response.is_success:
            return cast("Json", response.json())
        return None if _is_gone(response) else refused(response, _may_not_read(kept.channel))

    def _pinned(self, wish: Wish) -> Json | None:
        """Our message among the pinned ones, known by its author and its button."""
        wanted = wish.post.custom_id
        return next((one for one in self._pins(wish.channel) if self._is_ours(one) and _mentions(one, wanted)), None)

    def _pins(self, channel: str) -> Iterator[Json]:
        """The pinned messages of a channel, a page after the other."""
        page: dict[str, str] = {"limit": str(PINS)}
        while True:
            path = f"/channels/{channel}/messages/pins?{urlencode(page)}"
            shown = self.discord.demand("GET", path, hints=_may_not_read(channel)).json()
            yield from (cast("Json", pin["message"]) for pin in shown["items"])
            if not shown["has_more"]:
                return
            page["before"] = shown["items"][-1]["pinned_at"]

    def _is_ours(self, message: Json) -> bool:
        return cast("Json", message["author"])["id"] == self.bot

    def _post(self, wish: Wish) -> Json:
        """Post it. When Discord took it and its answer was lost, a second try within minutes gets the same message."""
        last = self.state.kept(wish.post.name)
        nonce = hashlib.sha256(f"{wish.channel} {wish.post.name} {last}".encode()).hexdigest()[:NONCE]
        body = {**wish.body, "nonce": nonce, "enforce_nonce": True}
        hints = _may_not_write(wish.channel)
        return cast("Json", self.discord.demand("POST", f"/channels/{wish.channel}/messages", body, hints=hints).json())

    def _take_away(self, behind: Kept) -> None:
        """Delete what stayed behind; when that cannot be done, a person can."""
        response = self.discord.ask("DELETE", _path(behind))
        if not (response.is_success or response.status_code == HTTPStatus.NOT_FOUND):
            typer.echo(f"The old message in channel {behind.channel} could not be deleted; please delete it by hand.")


def _path(kept: Kept) -> str:
    return f"/channels/{kept.channel}/messages/{kept.message}"


def _is_gone(response: httpx.Response) -> bool:
    """Whether the message is gone, and not the channel or the way to it."""
    return response.status_code == HTTPStatus.NOT_FOUND and response.json().get("code") == UNKNOWN_MESSAGE


def _holds(shown: object, wanted: object) -> bool:
    """Whether all that we want stands in what Discord shows, which adds ids, sizes and what is false or null."""
    if isinstance(wanted, dict):
        there = cast("Json", shown if isinstance(shown, dict) else {})
        return all(_holds(there.get(key), part) for key, part in cast("Json", wanted).items())
    if isinstance(wanted, list):
        ours, theirs = cast("list[object]", wanted), cast("list[object]", shown if isinstance(shown, list) else [])
        return len(ours) == len(theirs) and all(map(_holds, theirs, ours))
    return shown == wanted


def _mentions(message: Json, custom_id: str) -> bool:
    return json.dumps(custom_id) in json.dumps(message.get("components"))


def _may_not_read(channel: str) -> Mapping[int, str]:
    return _hints(channel, "look into", "View Channel and Read Message History")


def _may_not_write(channel: str) -> Mapping[int, str]:
    return _hints(channel, "write in", "View Channel and Send Messages")


def _may_not_pin(channel: str) -> Mapping[int, str]:
    return _hints(channel, "pin messages in", "Pin Messages (Manage Messages where that is not offered)")


def _hints(channel: str, what: str, permissions: str) -> Mapping[int, str]:
    return {
        403: f"the bot may not {what} channel {channel}. Give it {permissions} there, and run this again.",
        404: f"the bot sees no channel {channel}. Is the id right, and is the bot in the server (scope bot)?",
    }


# --- the command ---


def post_buttons(
    *,
    application_id: Annotated[int, typer.Option(envvar="DISCORD_APPLICATION_ID", help="The id of tensey.")],
    list_channel: Annotated[
        int | None, typer.Option(envvar="LIST_CHANNEL_ID", help="Where “Open my list” shall stand.")
    ] = None,
    leaderboard_channel: Annotated[
        int | None, typer.Option(envvar="LEADERBOARD_CHANNEL_ID", help="Where “Open the leaderboard” shall stand.")
    ] = None,
    list_banner: Annotated[
        str | None, typer.Option(envvar="LIST_BANNER_URL", help="A picture above the first, https://...")
    ] = None,
    leaderboard_banner: Annotated[
        str | None, typer.Option(envvar="LEADERBOARD_BANNER_URL", help="A picture above the second, https://...")
    ] = None,
    state: Annotated[Path, typer.Option(help="The file that keeps the ids of the messages.")] = Path("buttons.json"),
    token_variable: Annotated[
        str, typer.Option(help="The environment variable that holds tensey's bot token.")
    ] = "DISCORD_BOT_TOKEN",  # noqa: S107 (the name of a variable)
    token_parameter: Annotated[str | None, typer.Option(help="The SSM parameter to read it from instead.")] = None,
    base_url: Annotated[str, typer.Option(help="Discord's API.")] = API,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what differs and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Post or refresh the pinned messages that open a member's own list and leaderboard; only what differs is written.

    A message whose channel is not named is left as it is.
    """
    places = ((LIST, list_channel, list_banner), (LEADERBOARD, leaderboard_channel, leaderboard_banner))
    wishes = [Wish(post, str(channel), post.body(_checked(banner))) for post, channel, banner in places if channel]
    if not wishes:
        stop("Name a channel at least: --list-channel, --leaderboard-channel.")
    if not state.absolute().parent.is_dir():
        stop(f"There is no folder for {state}.")
    with Discord(base_url, application_id, read_token(token_variable, token_parameter)) as discord:
        board = Board(discord, _bot(discord), State(state, str(application_id)))
        _bring_up_to_date(board, wishes, dry_run=dry_run, yes=yes)


def _bring_up_to_date(board: Board, wishes: Sequence[Wish], *, dry_run: bool, yes: bool) -> None:
    found = [board.find(wish) for wish in wishes]
    lines = [line for one in found for line in one.lines()]
    typer.echo("\n".join(lines) or "Every message stands in its channel, as it should be and pinned.")
    if dry_run:
        typer.echo("Nothing was written.")
        return
    if lines and not yes:
        typer.confirm("Write this to Discord?", abort=True)
    for one in found:
        board.fulfil(one)
    typer.echo("Done.")


def _bot(discord: Discord) -> str:
    """The user id of the bot; raises typer.Exit when its taps would not reach tensey."""
    application = discord.demand("GET", "/applications/@me").json()
    if application["id"] != str(discord.application_id):
        stop(f"The token is that of {application['name']} ({application['id']}), not of {discord.application_id}.")
    endpoint = application.get("interactions_endpoint_url") or "not set"
    if not endpoint.endswith(ENDPOINT):
        stop(f"Taps would not arrive: this application's interactions endpoint URL is {endpoint}, not ...{ENDPOINT}")
    return application["bot"]["id"]


def _checked(banner: str | None) -> str | None:
    """The URL of a picture that Discord will fetch; raises typer.Exit for anything else."""
    if not banner:
        return None
    try:
        parts = urlsplit(banner)
    except ValueError:
        stop(f"{banner} is no URL.")
    sound = parts.scheme == "https" and parts.hostname and not (parts.username or parts.password)
    if not sound or len(banner) > MEDIA_URL or not banner.isascii() or not banner.isprintable() or " " in banner:
        stop(f"{banner} cannot be a banner: it must be an https URL of at most {MEDIA_URL} characters.")
    return banner
