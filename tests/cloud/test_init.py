"""`ops init` from an empty account and two tokens to a live game, at a real terminal: against emulator and stand-in."""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from devkit.discord_client import DiscordClient, User, snowflake
from devkit.discord_server.community import Community
from devkit.discord_server.portal import Application, authorize
from devkit.discord_server.records import Role
from devkit.discord_server.server import DiscordServer
from local import endpoints
from local.aws import ACCESS_KEY, REGION
from local.builder import architecture
from local.demo import button
from mastermind.bot.registry import names
from mastermind.game.announcements import notices
from mastermind.game.announcements.rules import Milestone
from ops import settings
from ops.bot import POSTING, invitation
from ops.init.questions import WEBHOOKS
from tests.cloud import drills
from tests.cloud.drills import Drill, Watch, lets_in, master
from tests.cloud.init_page import COMMAND, PAGE, PASTE, Acts, page, shape
from tests.cloud.terminal import Terminal
from tests.cloud.test_sam_deploy import ROOT, STACK, Stack, emulated
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWNER, ADMINS, MODERATORS, NEWS, STAFF, PLAY = (snowflake() for _ in range(6))
TOKENS = {"main": f"MTA.{'m' * 6}.{'a' * 27}", "tensey": f"MTA.{'t' * 6}.{'b' * 27}"}
VARIABLES = {f"DISCORD_BOT_TOKEN_{app.upper()}": token for app, token in TOKENS.items()}

RIGHTS = POSTING | WEBHOOKS
MOST_QUESTIONS = 10
"""Beside the two tokens."""

OWN_TIME = 120.0
"""Seconds that the person may have to give."""

pytestmark = pytest.mark.timeout(900)


@dataclass
class Portal:
    """Discord, with a server and two applications whose bots nobody has invited yet."""

    server: DiscordServer
    community: Community
    main: Application
    tensey: Application

    def writes(self) -> list[tuple[str, str]]:
        """What was written since the last call."""
        found = [one for one in self.server.requests if one[0] != "GET"]
        self.server.requests.clear()
        return found


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An account with nothing in it."""
    folder = tmp_path_factory.mktemp("account")
    with emulated(folder, folder / "aws-sam" / "build") as there:
        yield there


@pytest.fixture(scope="module")
def portal(account: Stack) -> Iterator[Portal]:
    community = Community(snowflake(), snowflake(), OWNER)
    community.name = "Brave People"
    community.add_role(Role(ADMINS, "Admins", 8, 1 << 5))
    community.add_role(Role(MODERATORS, "Moderators", 7, 1 << 40))
    for channel, name, kind in ((PLAY, "challenges", 0), (NEWS, "announcements", 5), (STAFF, "admins", 0)):
        community.add_channel(channel, name, kind)
    main = Application(snowflake(), "Mastermind", TOKENS["main"], owner_id=OWNER)
    tensey = Application(snowflake(), "Tensey", TOKENS["tensey"], owner_id=OWNER)
    server = DiscordServer(community)
    server.applications = {one.token: one for one in (main, tensey)}
    server.reach = lambda url: endpoints.emulated(url, account.emulator.url)
    yield Portal(server, community, main, tensey)
    server.stop()


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It has what no operator needs to know: that functions are built for this machine, on which they run."""
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    settings.write(file, settings.Settings(parameters={"Architecture": architecture()}))
    return file


def start(account: Stack, portal: Portal, file: Path, *more: str, **variables: str) -> Terminal:
    """Somebody with AWS credentials types `ops init`."""
    return typed(account, portal, file, "init", "--build-dir", str(account.build), *more, **variables)


def typed(account: Stack, portal: Portal, file: Path, *words: str, **variables: str) -> Terminal:
    """Somebody with AWS credentials types `ops` and that."""
    unset = ("AWS_", "DISCORD_", "ARCHITECTURE", "OPS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    aws = {"AWS_ENDPOINT_URL": account.emulator.url, "AWS_EC2_METADATA_DISABLED": "true"}
    keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": account.emulator.secret}
    place = {"OPS_STACK": STACK, "AWS_DEFAULT_REGION": REGION, "OPS_SETTINGS": str(file)}
    git = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.email", "GIT_CONFIG_VALUE_0": "you@example.org"}
    here = {"TZ": "Europe/Berlin", "COLUMNS": "100", "TERM": "dumb"}
    command, name = [sys.executable, "-m", "ops", *words], words[0]
    discord = () if name == "rotate-password" else ("--base-url", portal.server.url)
    return Terminal.start([*command, *discord], {**kept, **aws, **keys, **place, **git, **here, **variables}, ROOT)


def test_an_empty_account_and_two_tokens_become_a_live_game(account: Stack, portal: Portal, settings_file: Path):
    acts, shown = Acts(), start(account, portal, settings_file)
    acts.act(f"type `.venv/bin/{COMMAND}`", keys=len(COMMAND) + len(".venv/bin/") + 1)
    try:
        for app, words in (("main", "the main bot"), ("tensey", "the Tensey bot")):
            acts.act(
                f"paste the token of {words}", shown.wait_for(f"Bot token of {words}.*\n  > "), keys=PASTE, points=2
            )
            shown.type(TOKENS[app])
        for application, place in ((portal.main, 6), (portal.tensey, 5)):
            invited = shown.wait_for(r"invite .*\n\s+https://\S+\s")
            name = f"open the invitation of {application.name}: server, Continue, Authorise"
            acts.act(name, invited, keys=0, points=5)
            authorize(portal.community, application, re.findall(r"https://\S+", invited)[0], place)
        questions, asked = 0, ""
        while "? How many members" not in asked:
            asked = shown.wait_for(r"> \[.*\] ")
            acts.act(re.findall(r"\? (.+?)[.?]", asked)[-1], asked)
            shown.type("")
            questions += 1
        assert shown.end() == 0, shown.text
    finally:
        shown.kill()
    acts.act("open AWS's mail and confirm", shown.text.rpartition("Open the mail")[2], keys=0, points=3)
    assert questions <= MOST_QUESTIONS
    assert "Nothing is wrong." in shown.text
    assert "The game is live" in shown.text
    assert not any(token in shown.text + settings_file.read_text() for token in TOKENS.values())
    assert settings_file.stat().st_mode & 0o077 == 0

    written = page(acts, shown.text)
    if os.environ.get("RECORD"):
        PAGE.write_text(written, encoding="utf-8")
    assert acts.seconds < OWN_TIME
    assert shape(PAGE.read_text(encoding="utf-8")) == shape(written), "`make bench-init` writes it again"


def test_discord_has_called_both_urls_and_has_every_command(portal: Portal):
    for app, application in (("main", portal.main), ("tensey", portal.tensey)):
        assert application.interactions_url.endswith(f"/interactions/{app}")
        assert application.pings == 1
        assert {one["name"] for one in application.commands.values()} == set(names(app))


def test_webhooks_buttons_tokens_and_a_snapshot_are_there(account: Stack, portal: Portal):
    made = {one.name: one.channel_id for one in portal.community.webhooks.values()}
    assert made == {"Mastermind announcements": NEWS, "Mastermind admins": STAFF, "Mastermind alerts": STAFF}
    pinned = [one for one in portal.community.messages if one.pinned]
    assert Counter(one.channel_id for one in pinned) == {PLAY: 4, STAFF: 1}
    stored = account.aws.ssm.get_parameter(Name=f"/{STACK}/bot-token", WithDecryption=True)["Parameter"]
    assert (stored.get("Type"), stored.get("Value")) == ("SecureString", TOKENS["main"])
    assert account.aws.rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]


def test_a_second_run_asks_nothing_and_changes_nothing(account: Stack, portal: Portal, settings_file: Path):
    portal.writes()
    before, kept = stack_of(account), settings_file.read_text()
    shown = start(account, portal, settings_file)
    try:
        status = shown.end()
    finally:
        shown.kill()
    assert status == 0, shown.text
    assert "?" not in re.findall(r"^\S", shown.text, re.MULTILINE)
    assert (portal.writes(), stack_of(account), settings_file.read_text()) == ([], before, kept)


def stack_of(account: Stack) -> object:
    (found,) = account.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    return found.get("LastUpdatedTime"), found["StackStatus"]


# --- runs that are broken off ---

MAKING = ("tokens", "webhooks", "URLs", "register", "backup", "buttons", "smoke")
"""The steps that make something beside the stack, in their order, and the last one."""


def undo(account: Stack, portal: Portal) -> None:
    """All that `init` has made is gone, but for the stack and its settings."""
    for app in (portal.main, portal.tensey):
        app.interactions_url = ""
        app.commands.clear()
    portal.community.webhooks.clear()
    portal.community.messages.clear()
    names = ("bot-token", "bot-token-tensey", "webhooks/announcements", "webhooks/admins", "webhooks/alerts")
    for name in names:
        account.aws.ssm.delete_parameter(Name=f"/{STACK}/{name}")
    for one in account.aws.rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
        account.aws.rds.delete_db_snapshot(DBSnapshotIdentifier=one.get("DBSnapshotIdentifier", ""))


def break_off(shown: Terminal, at: str) -> str:
    """Ctrl-C once that is shown; what was said in the end."""
    try:
        shown.wait_for(at)
        shown.interrupt()
        assert shown.end() == 1, shown.text
    finally:
        shown.kill()
    return shown.text


def finished(shown: Terminal) -> str:
    try:
        assert shown.end() == 0, shown.text
    finally:
        shown.kill()
    return shown.text


def test_a_run_that_is_broken_off_at_any_step_goes_on(account: Stack, portal: Portal, settings_file: Path):
    undo(account, portal)
    for step in MAKING:
        said = break_off(start(account, portal, settings_file, **VARIABLES), f"\n{step}\n")
        assert "\nStopped" in said
        assert re.search(r"The same command goes on\.|goes on here\.", said)
    assert "Nothing is wrong." in finished(start(account, portal, settings_file, **VARIABLES))
    assert len(portal.community.webhooks) == 3
    assert sum(one.pinned for one in portal.community.messages) == len(portal.community.messages) == 5
    assert all(set(one.commands) and one.interactions_url for one in (portal.main, portal.tensey))
    assert account.aws.rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]


def test_a_deploy_that_is_broken_off_goes_on_by_itself(account: Stack, portal: Portal, settings_file: Path):
    known = settings.read(settings_file)
    changed = {**known.parameters, "XpDelaySeconds": "7"}
    settings.write(settings_file, settings.Settings(known.stack, known.region, changed, known.channels))
    said = break_off(start(account, portal, settings_file, "--built", **VARIABLES), r"\d+ resources: .*\n")
    assert "it goes on without this command" in said
    assert "Nothing is wrong." in finished(start(account, portal, settings_file, "--built", **VARIABLES))
    wait = account.aws.sqs.get_queue_attributes(
        QueueUrl=account.outputs["XpAwardsUrl"], AttributeNames=["DelaySeconds"]
    )
    assert wait["Attributes"] == {"DelaySeconds": "7"}  # pyright: ignore[reportTypedDictNotRequiredAccess]


def test_what_was_answered_before_a_ctrl_c_is_not_asked_again(account: Stack, portal: Portal, tmp_path: Path):
    for place, one in enumerate((portal.main, portal.tensey), 5):
        if not one.guilds:
            authorize(portal.community, one, invitation(one.id, RIGHTS.values(), None), place)
    file = tmp_path / "try.settings.toml"
    shown = start(account, portal, file, OPS_STACK="another", **VARIABLES)
    for _ in range(3):
        shown.wait_for(r"> \[.*\] ")
        shown.type("")
    said = break_off(shown, r"\? Which channel do admins")
    assert f".venv/bin/ops --settings {file} init` goes on here." in said
    again = break_off(start(account, portal, file, OPS_STACK="another", **VARIABLES), r"> \[")
    assert re.findall(r"^\? (.+)$", again, re.MULTILINE)[0].startswith("Which channel do admins")


def test_on_another_machine_the_settings_come_from_the_stack(account: Stack, portal: Portal, tmp_path: Path):
    file = tmp_path / "settings.toml"
    said = break_off(start(account, portal, file), r"> \[")
    assert "its settings are in settings.toml now" in said
    known = settings.read(file).parameters
    assert (known["GuildId"], known["TimeZone"]) == (str(portal.community.guild_id), "Europe/Berlin")


# --- drills: a secret is replaced, the old one is of no use any more, and nothing is lost (docs/Years.md) ---

ROBIN = User(snowflake(), "Robin")


@pytest.fixture(scope="module")
def done() -> list[Drill]:
    """The drills so far."""
    return []


def stored(account: Stack, name: str) -> str:
    found = account.aws.ssm.get_parameter(Name=f"/{STACK}/{name}", WithDecryption=True)["Parameter"]
    return str(found.get("Value"))


def client(account: Stack, portal: Portal, application: Application, app: str) -> DiscordClient:
    """Discord, which sends interactions of that application."""
    key = application.private_key
    return DiscordClient(account.url(f"/interactions/{app}"), application.id, portal.community.guild_id, key)


def test_who_had_the_old_bot_token_is_refused(account: Stack, portal: Portal, settings_file: Path, done: list[Drill]):
    drill = Drill("Bot token", "ops rotate-token", 0, "members notice nothing: answers need no token")
    old, new = portal.main.token, f"MTA.{'n' * 6}.{'c' * 27}"
    shown = typed(account, portal, settings_file, "rotate-token")
    asked = shown.wait_for(r"The new token\?.*\n  > ")
    drill.acts.act("open that page, Reset Token, Yes, a code, Copy", asked, keys=7, points=4)
    portal.server.applications[new] = portal.server.applications.pop(old)
    portal.main.token = new
    drill.acts.act("paste the new token", keys=PASTE, points=2)
    shown.type(new)
    drill.acts.act("confirm", shown.wait_for(r"\[y/N\]: "), keys=2)
    shown.type("y")
    drill.ended(lambda: finished(shown))
    done.append(drill)

    assert "Discord refuses the old one." in drill.text
    assert [status_of(portal, token) for token in (old, new)] == [401, 200]
    assert stored(account, "bot-token") == new
    assert not any(token in shown.text for token in (old, new))


def status_of(portal: Portal, token: str) -> int:
    headers = {"Authorization": f"Bot {token}"}
    return httpx.get(f"{portal.server.url}/applications/@me", headers=headers, timeout=60, trust_env=False).status_code


def test_who_had_the_old_webhook_posts_nothing_and_every_announcement_comes(
    account: Stack, portal: Portal, settings_file: Path, done: list[Drill]
):
    """The function keeps the old URL for minutes: it notices at once that Discord does not know it any more."""
    old = stored(account, "webhooks/announcements")
    announce(account, portal, 10)
    drill = Drill("Webhook", "ops rotate-webhook announcements", 0, "nothing: what is posted goes to the new one")
    assert post(old) == 200
    shown = typed(account, portal, settings_file, "rotate-webhook", "announcements")
    drill.acts.act("confirm", shown.wait_for(r"\[y/N\]: "), keys=2)
    shown.type("y")
    drill.ended(lambda: finished(shown))
    done.append(drill)

    new = stored(account, "webhooks/announcements")
    assert "Discord refuses the old one." in drill.text
    assert (post(old), post(new)) == (404, 200)
    announce(account, portal, 25)
    assert Counter(one.channel_id for one in portal.community.webhooks.values()) == {NEWS: 1, STAFF: 2}
    assert not any(url.rpartition("/")[2] in shown.text for url in (old, new))


def post(url: str) -> int:
    return httpx.post(url, json={"content": "anybody may say this"}, timeout=60, trust_env=False).status_code


def announce(account: Stack, portal: Portal, challenges: int) -> None:
    """The game says it, and it is in the channel."""
    notice = notices.write(Milestone(ROBIN.id, "Robin", challenges, 303), time.time())
    account.aws.sqs.send_message(QueueUrl=account.outputs["NoticesUrl"], MessageBody=notice)
    words = f"**{challenges} challenges**"
    wait_for(lambda: any(words in str(one.json()) for one in portal.community.messages), what=words)


def test_who_had_the_old_password_of_the_owner_gets_nowhere(
    account: Stack, portal: Portal, settings_file: Path, done: list[Drill]
):
    drill = Drill("Owner's password", "ops rotate-password", 1, "nothing: no function has it")
    with master(account), client(account, portal, portal.main, "main") as discord:
        old = drills.stored(account)["password"]
        assert lets_in(account, old)
        shown = typed(account, portal, settings_file, "rotate-password")
        drill.acts.act("confirm", shown.wait_for(r"\[y/N\]: "), keys=2)
        shown.type("y")
        shown.wait_for("RDS takes about a minute")
        assert discord.command("scorecard", user=ROBIN).kind == 4
        drill.ended(lambda: finished(shown))
        new = drills.stored(account)["password"]
        assert (lets_in(account, old), lets_in(account, new)) == (False, True)
    done.append(drill)
    assert "the migrations got in with it" in drill.text
    assert not any(password in shown.text for password in (old, new))


def test_who_had_the_old_key_is_refused_and_members_lose_nothing(
    account: Stack, portal: Portal, settings_file: Path, done: list[Drill]
):
    """A key belongs to an application for good: another application takes the place of the old one."""
    meanwhile = "the old commands say “The application did not respond”: for {gap:.0f} s here, about 3 minutes on AWS"
    drill = Drill("Public key", "ops init --replace main", 5, meanwhile)
    another = Application(snowflake(), "Mastermind 2", f"MTA.{'k' * 6}.{'d' * 27}", owner_id=OWNER)
    portal.server.applications[another.token] = another
    with client(account, portal, portal.tensey, "tensey") as tensey:
        listed = tensey.command("tenseylist", {"level": "14"}, user=ROBIN)
        assert tensey.component(button(listed, "tick"), user=ROBIN).kind == 7

    drill.acts.act("New Application, its name, Create, Bot, Reset Token, Yes, a code, Copy", keys=20, points=8)
    shown = typed(account, portal, settings_file, "init", "--build-dir", str(account.build), "--replace", "main")
    asked = shown.wait_for(r"Bot token of another application.*\n  > ")
    drill.acts.act("paste the token of the new application", asked, keys=PASTE, points=2)
    shown.type(another.token)
    invited = shown.wait_for(r"invite .*\n\s+https://\S+\s")
    drill.acts.act("open the invitation: server, Continue, Authorise", invited, points=5, keys=0)
    with (
        client(account, portal, portal.main, "main") as old,
        client(account, portal, another, "main") as new,
        Watch(old, lambda: bool(another.commands)) as watch,
    ):
        assert (old.ping().status, new.ping().status) == (200, 401)
        authorize(portal.community, another, re.findall(r"https://\S+", invited)[0], 6)
        drill.ended(lambda: finished(shown))
        assert (old.ping().status, new.ping().status) == (401, 200)
        wait_for(lambda: watch.over_at, what="the first refusal, and the commands of the new application")
        wait_for(lambda: "**XP:** 100" in new.command("scorecard", user=ROBIN).text, what="the XP of the tick")
    drill.acts.act("remove the old bot: Server Settings, Integrations, it, Remove", shown.text[-300:], points=5, keys=0)
    drill.acts.act("delete its three pinned messages", points=9, keys=0)
    drill.gap = watch.gap
    done.append(drill)

    assert "Nothing is wrong." in drill.text
    assert another.interactions_url == account.outputs["MainInteractionsUrl"]
    assert {one["name"] for one in another.commands.values()} == set(names("main"))
    assert stored(account, "bot-token") == another.token
    known = settings.read(settings_file).parameters
    assert (known["MainApplicationId"], known["MainPublicKey"]) == (str(another.id), another.json()["verify_key"])


def test_the_page_of_the_drills_is_that_of_a_run(done: list[Drill]):
    written = drills.page(done)
    if os.environ.get("RECORD"):
        drills.PAGE.write_text(written, encoding="utf-8")
    page_of_now = drills.PAGE.read_text(encoding="utf-8")
    assert drills.counted(page_of_now) == drills.counted(written), "`make bench-init` writes it again"
