"""`ops post-buttons`: pins the messages whose buttons open something of a member's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mastermind.bot.registry import APPS
from ops import given, tokens
from ops.button_messages import HOME, LEADERBOARD, LIST, POSTS, START, TODAY, Placement, Post, State
from ops.button_poster import Poster
from ops.command_line import DryRun, RegionName, StackName, Yes  # noqa: TC001 # typer reads the annotations
from ops.discord import API, ApiUrl, ApplicationId, Discord, TokenParameter, TokenVariable, fail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENDPOINT = "/interactions/"
"""What the URL ends in to which Discord sends an application's interactions, before its name."""

type Wanted = tuple[Post, int | None, str | None]
"""A message, its channel, and the banner above it."""


def post_buttons(
    app: Annotated[str, typer.Argument(parser=given.app, help=f"Whose: {' or '.join(APPS)}.")] = "tensey",
    *,
    stack: StackName = None,
    region: RegionName = None,
    application_id: ApplicationId = None,
    start_channel: Annotated[
        int | None,
        typer.Option(parser=given.discord_id, envvar="START_CHANNEL_ID", help="The channel for “Begin”, of main."),
    ] = None,
    today_channel: Annotated[
        int | None,
        typer.Option(parser=given.discord_id, envvar="TODAY_CHANNEL_ID", help="The channel for “My day”, of main."),
    ] = None,
    list_channel: Annotated[
        int | None,
        typer.Option(parser=given.discord_id, envvar="LIST_CHANNEL_ID", help="The channel for “My list”."),
    ] = None,
    leaderboard_channel: Annotated[
        int | None,
        typer.Option(
            parser=given.discord_id,
            envvar="LEADERBOARD_CHANNEL_ID",
            help="The channel for “Leaderboard”.",
        ),
    ] = None,
    home_channel: Annotated[
        int | None,
        typer.Option(
            parser=given.discord_id,
            envvar="HOME_CHANNEL_ID",
            help="The admins' channel, for “What waits”.",
        ),
    ] = None,
    start_banner: Annotated[
        str | None,
        typer.Option(
            parser=given.picture,
            envvar="START_BANNER_URL",
            help="A picture above the message that says where to begin, https://...",
        ),
    ] = None,
    today_banner: Annotated[
        str | None,
        typer.Option(
            parser=given.picture,
            envvar="TODAY_BANNER_URL",
            help="A picture above the message that opens one's day, https://...",
        ),
    ] = None,
    list_banner: Annotated[
        str | None,
        typer.Option(
            parser=given.picture,
            envvar="LIST_BANNER_URL",
            help="A picture above the first message, https://...",
        ),
    ] = None,
    leaderboard_banner: Annotated[
        str | None,
        typer.Option(
            parser=given.picture,
            envvar="LEADERBOARD_BANNER_URL",
            help="A picture above the second message, https://...",
        ),
    ] = None,
    state: Annotated[
        Path, typer.Option(parser=given.new_file, help="The file that stores the ids of the messages.")
    ] = Path("buttons.json"),
    token_variable: TokenVariable = None,
    token_parameter: TokenParameter = None,
    base_url: ApiUrl = API,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Post or update the pinned messages that open something of a member's own. Writes only what differs.

    Those of the application whose token it is; a message whose channel is not given stays as it is.
    """
    wanted: tuple[Wanted, ...] = (
        (START, start_channel, start_banner),
        (TODAY, today_channel, today_banner),
        (LIST, list_channel, list_banner),
        (LEADERBOARD, leaderboard_channel, leaderboard_banner),
        (HOME, home_channel, None),
    )
    if application_id is None:
        known = tokens.log_in(app, stack, region, token_variable, token_parameter)
    else:
        known = tokens.Login(application_id, None, tokens.demand(app, token_variable, token_parameter))
    with Discord(base_url, known.application_id, known.token) as discord:
        bot, its = bot_of(discord)
        placements = _placements(wanted, its)
        poster = Poster(discord, bot, State(state, str(known.application_id)))
        bring_up_to_date(poster, placements, dry_run=dry_run, yes=yes)


def all_in(app: str, channels: Mapping[str, str]) -> Sequence[Placement]:
    """Every message of an application, in the channels of the settings."""
    theirs = (one for one in POSTS if one.app == app)
    return [Placement(one, channels[one.purpose], one.body(None)) for one in theirs if one.purpose in channels]


def _placements(wanted: Sequence[Wanted], app: str) -> Sequence[Placement]:
    """What is to be posted by that application; raises typer.Exit for nothing."""
    theirs = [each for each in wanted if each[0].app == app]
    placements = [Placement(post, str(channel), post.body(banner)) for post, channel, banner in theirs if channel]
    if not placements:
        options = ", ".join(f"--{post.name}-channel" for post, _, _ in theirs)
        fail(f"Name at least one channel for a button of {app}: {options or 'it has none'}.")
    return placements


def bring_up_to_date(poster: Poster, placements: Sequence[Placement], *, dry_run: bool, yes: bool) -> None:
    found = [poster.find(placement) for placement in placements]
    lines = [line for one in found for line in one.lines()]
    typer.echo("\n".join(lines) or "Every message is up to date and pinned.")
    if dry_run:
        typer.echo("Nothing was written.")
        return
    if lines and not yes:
        typer.confirm("Write this to Discord?", abort=True)
    for one in found:
        poster.apply(one)
    typer.echo("Done.")


def bot_of(discord: Discord) -> tuple[str, str]:
    """The user id of the bot, and which of ours it is; raises typer.Exit if taps on its buttons would not arrive."""
    application = discord.demand("GET", "/applications/@me").json()
    if application["id"] != str(discord.application_id):
        fail(f"The token is that of {application['name']} ({application['id']}), not of {discord.application_id}.")
    endpoint = application.get("interactions_endpoint_url") or "not set"
    app = next((app for app in APPS if endpoint.endswith(f"{ENDPOINT}{app}")), None)
    if app is None:
        fail(f"Taps would not arrive: this application's interactions endpoint URL is {endpoint}, not ...{ENDPOINT}...")
    return application["bot"]["id"], app
