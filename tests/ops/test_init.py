"""What `ops init` asks: every answer is checked when it is typed, and what cannot be is refused with the way on."""

from __future__ import annotations

import copy
import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import typer

from devkit.discord_client import snowflake
from devkit.discord_server.community import Community
from devkit.discord_server.portal import Application, authorize
from devkit.discord_server.records import Role
from devkit.discord_server.server import DiscordServer
from devkit.discord_server.trouble import error
from mastermind.discord import permissions
from ops import settings
from ops.asking import Asking, Choice, Nobody, choose
from ops.checks import choices
from ops.checks.planned import Planned
from ops.init import command, discord_side, guesses, joining, questions
from ops.init.discord_side import Account, Server
from ops.init.draft import Draft, Setup
from ops.parameters import effective
from ops.sizes import SIZES
from ops.terminal import Console
from ops.tokens import VARIABLES
from tests.ops.scripted import scripted
from tests.project.test_documents import table
from tests.project.test_laws import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GUILD, OWNER, ADMINS, MODERATORS, NEWS, PLAY = (snowflake() for _ in range(6))
MAIN_TOKEN, TENSEY_TOKEN = f"MTA.{'m' * 6}.{'a' * 27}", f"MTA.{'t' * 6}.{'b' * 27}"
EVERYTHING = (1 << 53) - 1 - permissions.ADMINISTRATOR


@dataclass
class Typist:
    """Types these lines one after the other; what is done before a line is a function in its place."""

    lines: list[str | Callable[[], object]]
    asked: list[str] = field(default_factory=list[str])

    def type(self, key: str, prompt: str, *, is_secret: bool) -> str:
        del prompt, is_secret
        self.asked.append(key)
        while not isinstance(line := self.lines.pop(0), str):
            line()
        return line


@dataclass
class Scene:
    """Two applications, a server that their bots may be in, and somebody who types."""

    discord: DiscordServer
    community: Community
    main: Application
    tensey: Application
    file: Path
    screen: io.StringIO = field(default_factory=io.StringIO)

    def asking(self, *lines: str | Callable[[], object]) -> Asking:
        return Asking(Typist(list(lines)), Console(file=self.screen, width=200, highlight=False, soft_wrap=True))

    def setup(self, *lines: str | Callable[[], object], **parameters: str) -> Setup:
        return Setup(self.asking(*lines), Draft(self.file, settings.Settings(parameters=parameters)), self.discord.url)

    @property
    def said(self) -> str:
        return self.screen.getvalue()

    def invite(self, *applications: Application, rights: int = EVERYTHING, position: int = 5) -> None:
        for one in applications:
            link = f"x?client_id={one.id}&scope=bot+applications.commands&permissions={rights}"
            authorize(self.community, one, link, position)

    def account(self, application: Application) -> Account:
        return Account.of("main" if application is self.main else "tensey", application.token, self.discord.url)

    def server(self, application: Application) -> Server:
        return Server.of(self.account(application), GUILD)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    yield from a_scene(tmp_path)


def a_scene(tmp_path: Path) -> Iterator[Scene]:
    community = Community(GUILD, snowflake(), OWNER)
    community.name = "Brave People"
    community.add_role(Role(ADMINS, "Admins", 8, 1 << 5))
    community.add_role(Role(MODERATORS, "Mods", 7, 1 << 40, mentionable=False))
    community.add_channel(PLAY, "general")
    community.add_channel(NEWS, "news", 5)
    main = Application(snowflake(), "Mastermind", MAIN_TOKEN, owner_id=OWNER)
    tensey = Application(snowflake(), "Tensey", TENSEY_TOKEN, owner_id=OWNER)
    server = DiscordServer(community)
    server.applications = {one.token: one for one in (main, tensey)}
    yield Scene(server, community, main, tensey, tmp_path / "settings.toml")
    server.stop()


# --- tokens ---


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "A token is needed"),
        ("1300000000000000003", "This is an id, and no token"),
        ("ab" * 32, "This is a public key, and no token"),
        ("f" * 32, "This is no bot token"),
        (f"MTA.{'x' * 6}.{'c' * 27}", "Discord does not know this token; perhaps it was reset"),
    ],
)
def test_what_is_no_token_is_refused_at_once_and_never_shown(scene: Scene, typed: str, words: str):
    found = questions.token(scene.asking(typed, f" {MAIN_TOKEN}\n"), "main", scene.discord.url, {}, "")
    assert found.application_id == scene.main.id
    assert words in scene.said
    assert "Reset Token" in scene.said
    assert not typed or typed not in scene.said


def test_a_token_says_id_key_and_owner_of_its_application(scene: Scene):
    found = scene.account(scene.main)
    assert (found.application_id, found.owner_id, found.public_key) == (
        scene.main.id,
        OWNER,
        scene.main.json()["verify_key"],
    )


def test_two_tokens_of_one_application_are_refused(scene: Scene):
    main = {"main": scene.account(scene.main)}
    found = questions.token(scene.asking(MAIN_TOKEN, TENSEY_TOKEN), "tensey", scene.discord.url, main, "")
    assert found.application_id == scene.tensey.id
    assert "This is Mastermind's token again: the two bots are two applications" in scene.said


def test_tenseys_token_in_place_of_mains_is_asked_about_once(scene: Scene):
    found = questions.token(scene.asking(TENSEY_TOKEN, TENSEY_TOKEN), "main", scene.discord.url, {}, "")
    assert found.application_id == scene.tensey.id
    assert scene.said.count("swapped?") == 1


def test_the_token_of_another_application_than_the_games_is_refused(scene: Scene):
    asking = scene.asking(TENSEY_TOKEN, TENSEY_TOKEN, MAIN_TOKEN)
    found = questions.token(asking, "main", scene.discord.url, {}, str(scene.main.id))
    assert found.application_id == scene.main.id
    assert f"the main bot of this game is the application {scene.main.id}. Swapped?" in scene.said


def test_a_key_that_discord_has_changed_goes_into_the_settings(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    """Settings that differ from the stack's are deployed."""
    applications = {"main": scene.main, "tensey": scene.tensey}
    known = {f"{app.title()}ApplicationId": str(one.id) for app, one in applications.items()}
    setup = scene.setup(**known, MainPublicKey="ab" * 32, TenseyPublicKey=scene.account(scene.tensey).public_key)
    for app, one in applications.items():
        monkeypatch.setenv(VARIABLES[app], one.token)
    with scripted() as aws:
        joining.accounts(setup, aws.target)
    kept = settings.read(scene.file).parameters
    assert {app: kept[f"{app.title()}PublicKey"] for app in applications} == {
        app: one.json()["verify_key"] for app, one in applications.items()
    }


def test_another_application_takes_the_place_of_one_and_not_that_one_itself(scene: Scene):
    new = Application(snowflake(), "Mastermind 2", f"MTA.{'k' * 6}.{'d' * 27}", owner_id=OWNER)
    scene.discord.applications[new.token] = new
    others = {"tensey": scene.account(scene.tensey)}
    asking = scene.asking(MAIN_TOKEN, TENSEY_TOKEN, new.token)
    found = questions.another(asking, "main", scene.discord.url, others, str(scene.main.id))
    assert (found.application_id, found.public_key) == (new.id, new.json()["verify_key"])
    assert "This is the token of the present Mastermind. Make another application" in scene.said
    assert "the two bots are two applications" in scene.said


def test_a_replacement_that_was_begun_goes_on_with_its_own_application(scene: Scene):
    """The settings have another application than the stack has; a second new one is not asked for."""
    setup = copy.replace(scene.setup(MainApplicationId=str(scene.main.id)), replaced="main")
    with scripted() as aws:
        parameters = [{"ParameterKey": "MainApplicationId", "ParameterValue": "7"}]
        shown = {"StackName": "game", "CreationTime": datetime.now(UTC), "StackStatus": "UPDATE_COMPLETE"}
        described = {"Stacks": [{**shown, "Parameters": parameters}]}
        aws.answers("cloudformation", "describe_stacks", described, StackName="game")
        assert joining.another(setup, aws.target, "main", {}) is None


def test_discord_that_does_not_answer_is_asked_again(scene: Scene):
    scene.discord.script.add(error(503))
    questions.token(scene.asking(MAIN_TOKEN, MAIN_TOKEN), "main", scene.discord.url, {}, "")
    assert "Discord answers 503. Wait a minute" in scene.said


# --- the server ---


def test_invitations_are_printed_until_both_bots_are_in_one_server(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    guests = [scene.main, scene.tensey]

    def wait(seconds: float) -> None:
        scene.invite(guests.pop(0), position=round(seconds))

    monkeypatch.setattr(joining.time, "sleep", wait)
    setup, accounts = scene.setup(), {"main": scene.account(scene.main), "tensey": scene.account(scene.tensey)}
    joined = joining.servers(setup, accounts)
    assert {one.id for one in joined.values()} == {GUILD}
    assert setup.draft.get("GuildId") == str(GUILD)
    assert scene.said.count("https://discord.com/oauth2/authorize") == 2
    assert "Both are in Brave People" in scene.said


def test_of_several_servers_one_is_chosen(scene: Scene):
    scene.invite(scene.main, scene.tensey)
    for one in (scene.main, scene.tensey):
        one.guilds[12345678901234567] = "Another"
    setup = scene.setup("Brave People")
    joining.servers(setup, {"main": scene.account(scene.main), "tensey": scene.account(scene.tensey)})
    assert setup.draft.get("GuildId") == str(GUILD)


def test_a_bot_that_was_thrown_out_is_waited_for_with_its_link(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    scene.invite(scene.main)

    def wait(seconds: float) -> None:
        scene.invite(scene.tensey, position=round(seconds))

    monkeypatch.setattr(joining.time, "sleep", wait)
    setup = scene.setup(GuildId=str(GUILD))
    joining.servers(setup, {"main": scene.account(scene.main), "tensey": scene.account(scene.tensey)})
    assert f"client_id={scene.tensey.id}" in scene.said
    assert f"guild_id={GUILD}" in scene.said
    assert f"client_id={scene.main.id}" not in scene.said


# --- roles and channels ---


def test_the_roles_of_people_are_offered_and_the_likely_one_is_guessed(scene: Scene):
    scene.invite(scene.main)
    draft = scene.setup().draft
    here = scene.server(scene.main)
    assert questions.role(scene.asking(""), "AdminRoleId", "?", here, ("admin",), 0, draft) == ADMINS
    assert questions.role(scene.asking("none", "no such role"), "AdminRoleId", "?", here, (), 0, draft) == 0
    assert "@everyone" not in scene.said
    assert "@Mastermind" not in scene.said
    assert "Type a number from 1 to 3, or a name." in scene.said


def test_a_role_above_the_bots_is_said_where_the_bot_acts_on_roles(scene: Scene):
    scene.invite(scene.main, position=7)
    draft = scene.setup(MemberRoles="on").draft
    questions.role(scene.asking("1"), "AdminRoleId", "?", scene.server(scene.main), (), 0, draft)
    assert "@Admins stands above Mastermind" in scene.said
    assert "drag Mastermind above @Admins" in scene.said


def test_moderators_who_may_not_be_mentioned_are_said(scene: Scene):
    scene.invite(scene.main)
    draft = scene.setup().draft
    questions.role(scene.asking("@mods"), "ModeratorRoleId", "?", scene.server(scene.main), (), 0, draft)
    assert "@Mods may not be mentioned: nobody is notified" in scene.said


def test_a_channel_that_the_bot_may_not_write_to_is_taken_once_it_may(scene: Scene):
    scene.invite(scene.main)
    scene.community.overwrites[NEWS] = [{"id": str(GUILD), "type": 0, "allow": "0", "deny": str(1 << 11)}]
    denied = scene.community.overwrites[NEWS]
    allowed = {"id": str(scene.main.id), "type": 1, "allow": str(1 << 11), "deny": "0"}
    asking = scene.asking("", lambda: denied.append(allowed), "#news")
    assert questions.announcements(asking, scene.server(scene.main), "").id == NEWS
    assert "Mastermind lacks Send Messages in #news. In the channel's settings, Permissions" in scene.said


def test_each_bot_must_be_able_to_post_where_the_buttons_are(scene: Scene):
    scene.invite(scene.main, scene.tensey)
    (role,) = (one for one in scene.server(scene.tensey).roles if one.name == scene.tensey.name)
    scene.community.overwrites[PLAY] = [{"id": str(role.id), "type": 0, "allow": "0", "deny": str(1 << 11)}]
    asking = scene.asking("general", "news")
    assert questions.posts(asking, [scene.server(scene.main), scene.server(scene.tensey)], "").id == NEWS
    assert "Tensey lacks Send Messages in #general" in scene.said


def test_an_administrator_may_do_everything_everywhere(scene: Scene):
    scene.invite(scene.tensey, rights=permissions.ADMINISTRATOR)
    scene.community.overwrites[PLAY] = [{"id": str(GUILD), "type": 0, "allow": "0", "deny": str(EVERYTHING)}]
    assert questions.posts(scene.asking("general"), [scene.server(scene.tensey)], "").id == PLAY


def test_a_channel_that_is_gone_is_refused(scene: Scene):
    scene.invite(scene.tensey)
    here = scene.server(scene.tensey)
    asking = scene.asking(lambda: scene.community.channels.pop(NEWS), "news", "general")
    assert questions.posts(asking, [here], "").id == PLAY
    assert "This channel is gone" in scene.said


# --- the rest ---


@pytest.mark.parametrize(("typed", "zone"), [("berlin", "Europe/Berlin"), ("America/New_York", "America/New_York")])
def test_a_time_zone_is_read_as_people_write_it(scene: Scene, typed: str, zone: str):
    assert questions.time_zone(scene.asking("Mars/Olympus", typed), "") == zone
    assert "'Mars/Olympus' is no time zone" in scene.said


def test_an_address_is_checked_and_nobody_is_an_answer(scene: Scene):
    assert questions.mail(scene.asking("me", "me@example.org"), "") == "me@example.org"
    assert "'me' is no e-mail address" in scene.said
    assert questions.mail(scene.asking("-"), "me@example.org") == ""
    assert questions.mail(scene.asking(""), "me@example.org") == "me@example.org"


def test_the_document_has_each_step_of_a_whole_run_in_its_order():
    run = (ROOT / "docs" / "benchmarks" / "init.md").read_text()
    waited = re.findall(r"^\| ([\w]+) \| [0-9.]+ \| [0-9.]+ \|$", run, re.MULTILINE)
    told = [step for names, _ in table("step | does") for step in names.split(", ")]
    assert told == [*waited, "doctor"]


NONSENSE = ["0", "99", "-1", "1.5", "what?", "💥", "a b c", "9" * 5_000]


def _asked_about_channels(scene: Scene, asking: Asking) -> Iterator[Callable[[], object]]:
    here = scene.server(scene.main)
    yield lambda: questions.announcements(asking, here, "")
    yield lambda: questions.admins(asking, here, "")
    yield lambda: questions.posts(asking, [here], "")
    yield lambda: questions.role(asking, "AdminRoleId", "?", here, (), 0, scene.setup().draft)


def _asked_about_the_rest(scene: Scene, asking: Asking) -> Iterator[Callable[[], object]]:
    yield lambda: questions.region(asking)
    yield lambda: questions.server(asking, {1: "Ours", 2: "Theirs"})
    yield lambda: questions.size(asking, scene.setup().draft)


def _is_refused(scene: Scene, words: str) -> None:
    assert scene.said.count("✗") == scene.said.count(words) == len(NONSENSE)


@pytest.mark.parametrize("number", range(4))
def test_nonsense_is_no_channel_and_no_role(scene: Scene, number: int):
    scene.invite(scene.main)
    list(_asked_about_channels(scene, scene.asking(*NONSENSE, "1")))[number]()
    _is_refused(scene, "Type a number from 1 to ")


@pytest.mark.parametrize("number", range(3))
def test_nonsense_is_no_region_no_server_and_no_size(scene: Scene, number: int):
    list(_asked_about_the_rest(scene, scene.asking(*NONSENSE, "1")))[number]()
    _is_refused(scene, "Type a number from 1 to ")


def test_nonsense_is_no_time_zone(scene: Scene):
    questions.time_zone(scene.asking(*NONSENSE, "Europe/Berlin"), "")
    _is_refused(scene, " is no time zone")


def test_nonsense_is_no_address(scene: Scene):
    questions.mail(scene.asking(*NONSENSE, "me@example.org"), "")
    _is_refused(scene, " is no e-mail address, like you@example.org.")


def test_a_size_has_the_parameters_and_the_price_of_the_documents():
    names, *columns = zip(*table("parameter | 100 members"), strict=True)
    documented = [dict(zip(names, column, strict=True)) for column in columns]
    assert documented == [dict(one.parameters) for one in SIZES]
    (sums,) = (row for row in table("USD a month | 100 members") if row[0] == "sum")
    assert [float(cell) for cell in sums[1:]] == [one.usd for one in SIZES]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "UTC"])
def test_the_databases_nights_are_those_of_the_zone(zone: str):
    known = {"MainApplicationId": "1", "TimeZone": zone, **guesses.windows(zone)}
    with scripted() as aws:
        planned = Planned(aws.target, effective({}, [f"{name}={value}" for name, value in known.items()]), {})
        assert [one for one in choices.parameters(planned) if "Window" in one.words] == []


def test_a_region_near_to_the_zone_is_guessed(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert questions.region(scene.asking("")) == "ap-northeast-1"
    assert guesses.region("Antarctica/Troll") == "us-east-1"


def test_each_region_is_offered_with_the_name_of_its_place():
    assert set(guesses.regions()) == set(guesses.REGIONS)


def test_the_person_who_signed_in_gets_the_mail():
    arn = "arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_1/kim@example.org"
    assert guesses.mail(arn) == "kim@example.org"


def test_without_anybody_guesses_are_taken_and_what_has_none_ends_it(scene: Scene, capsys: pytest.CaptureFixture[str]):
    asking = Asking(Nobody(), Console(file=scene.screen))
    assert asking.ask(choose("region", "?", [Choice("a", "a"), Choice("b", "b")], 2)) == "b"
    with pytest.raises(typer.Exit):
        questions.token(asking, "main", scene.discord.url, {}, "")
    assert "no sound guess for token of main" in capsys.readouterr().err


# --- the settings ---


def test_each_answer_is_kept_at_once_for_its_owner_alone(scene: Scene):
    draft = scene.setup().draft
    draft.place("game", "eu-central-1")
    draft.put(TimeZone="Europe/Berlin")
    draft.put_channel("posts", PLAY)
    kept = settings.read(scene.file)
    assert (kept.stack, kept.parameters, kept.channels) == ("game", {"TimeZone": "Europe/Berlin"}, {"posts": str(PLAY)})
    assert scene.file.stat().st_mode & 0o077 == 0


QUESTIONS = [
    "AdminRoleId", "ModeratorRoleId", "announcements", "admins", "posts", "time zone", "mail", "size",
]  # fmt: skip


def answers(scene: Scene, *lines: str | Callable[[], object]) -> list[str]:
    """What `ops init` asked, until these lines were typed; it reads the file that is there."""
    typist = Typist(list(lines))
    asking = Asking(typist, Console(file=scene.screen))
    setup = Setup(asking, Draft(scene.file, settings.read(scene.file)), scene.discord.url)
    accounts = {"main": scene.account(scene.main), "tensey": scene.account(scene.tensey)}
    try:
        command.answer(setup, accounts, "kim@example.org")
    except KeyboardInterrupt:
        typist.asked.pop()
    return typist.asked


def ctrl_c() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("answered", range(len(QUESTIONS)), ids=QUESTIONS)
def test_after_a_ctrl_c_at_any_question_the_next_run_goes_on_with_that_one(scene: Scene, answered: int):
    scene.invite(scene.main, scene.tensey)
    assert answers(scene, *[""] * answered, ctrl_c) == QUESTIONS[:answered]
    assert answers(scene, *[""] * (len(QUESTIONS) - answered)) == QUESTIONS[answered:]
    assert answers(scene) == []


def test_an_operators_own_comments_stay(scene: Scene):
    scene.file.write_text('# mine\nstack = "game" # ours\n[parameters]\n# why\nTimeZone = "UTC"\n')
    settings.write(scene.file, settings.Settings("game", "eu-central-1", {"TimeZone": "Europe/Berlin"}))
    text = scene.file.read_text()
    assert all(one in text for one in ("# mine", "# ours", "# why", 'TimeZone = "Europe/Berlin"'))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('stack = "no name!"', "is no name of a stack"),
        ('[parameters]\nGuildId = "12"', "GuildId must be a Discord id"),
        ('[parameters]\nGuildID = "12"', "do you mean GuildId?"),
        ('[channels]\nposts = "general"', "channels.posts"),
        ("stak = 1", "stak"),
        ("a = 1\na = 2", "cannot be read"),
    ],
)
def test_a_mistake_in_the_file_is_named(scene: Scene, written: str, words: str, capsys: pytest.CaptureFixture[str]):
    scene.file.write_text(written)
    with pytest.raises(typer.Exit):
        settings.read(scene.file)
    said = capsys.readouterr().err
    assert "settings.toml" in said
    assert words in said


def test_no_question_of_discord_shows_a_token(scene: Scene):
    assert MAIN_TOKEN not in repr(scene.account(scene.main))
    with pytest.raises(discord_side.Refused) as refused:
        Account.of("main", f"{MAIN_TOKEN}!", scene.discord.url)
    assert MAIN_TOKEN not in str(refused.value)
