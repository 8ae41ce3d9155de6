"""Every option of the operator's tool is checked before anything is asked: no typing error reaches a function."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import typer
import typer.main
from hypothesis import example
from hypothesis import given as examples
from hypothesis import strategies as st
from typer.testing import CliRunner

from ops import given, template
from ops.commands import app
from ops.parameters import check_names
from tests.ops.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMANDS = typer.main.get_group(app).commands

ERRORS = (
    *("", " ", "\u200b", "-", "--", "-1", "0", "1.5", "1e3", "9" * 30, "²", "½", "1 2"),
    *("x y", "é", "a\udcff", "\x1b[31m", "../nowhere", "$(date)", "'; --", "http://[", "https://", "=", "No=thing"),
)
"""What a slip of the finger, a bad paste or an empty variable of a shell leaves."""

NEEDED = {
    "application_id": "11",
    "user": "101",
    "function": "xp-award",
    "app": "main",
    "file": "nowhere.json",
    "kind": "alerts",
    "queue": "XpAwardsDlq",
    "reason": "by hand",
}
"""Arguments and options that a command cannot do without."""

WORDS = {"logs containing", "ledger-repair reason"}
ANYTHING = {
    *WORDS,
    *("queue-drop file", "export-data file", "post-buttons state", "backup folder", "restore-drill backups"),
    *("deploy build_dir", "init build_dir", "launch-check evidence"),
}
"""A text to look for or to write down, and files that need not be there yet: any text is one."""

SOUND = {
    "token_parameter": {"0", "1.5", "1e3", "9" * 30},
    "bucket": {"1.5", "1e3", "9" * 30},
    "ref": {"0", "1.5", "1e3", "9" * 30},
}
"""What is no mistake there."""


def options() -> Iterator[tuple[str, Any]]:
    """Every option and argument that takes a value, with its command."""
    for name, command in COMMANDS.items():
        for option in command.params:
            if not getattr(option, "is_flag", False) and f"{name} {option.name}" not in ANYTHING:
                yield name, option


def paths() -> Iterator[tuple[str, Any]]:
    """Those that name a file or a folder to write."""
    for name, command in COMMANDS.items():
        for option in command.params:
            if f"{name} {option.name}" in ANYTHING - WORDS:
                yield name, option


def line(command: str, option: Any, value: str) -> list[str]:  # noqa: ANN401 # click leaves it open
    """The command with that value, and with all that it needs besides."""
    needed = [one for one in COMMANDS[command].params if one.required and one is not option]
    given = [(one.opts[0], NEEDED[str(one.name)]) for one in needed]
    flags = [f"{name}={text}" for name, text in given if name.startswith("-")]
    places = [text for name, text in given if not name.startswith("-")]
    if option.opts[0].startswith("-"):
        return [*flags, f"{option.opts[0]}={value}", *places]
    return [*flags, "--", *places, value]


@pytest.mark.parametrize(("command", "option"), list(options()), ids=lambda one: getattr(one, "name", one))
def test_a_typing_error_is_named_before_the_command_begins(command: str, option: Any):  # noqa: ANN401 # the same
    for value in set(ERRORS) - SOUND.get(option.name, set()):
        with pytest.raises(typer.BadParameter) as caught:
            COMMANDS[command].make_context(command, line(command, option, value))
        assert getattr(caught.value.param, "name", "") == option.name, value
        caught.value.format_message().encode()


@pytest.mark.parametrize(("command", "option"), list(paths()), ids=lambda one: getattr(one, "name", one))
def test_a_path_is_never_nothing(command: str, option: Any):  # noqa: ANN401 # the same
    for value in ("", " ", "\u200b"):
        with pytest.raises(typer.BadParameter, match="the name is missing"):
            COMMANDS[command].make_context(command, line(command, option, value))


@pytest.mark.parametrize("reason", ["", "  ", "\u200b", "x" * 1001])
def test_a_reason_is_never_nothing_and_fits_into_the_audit_log(reason: str):
    with pytest.raises(typer.BadParameter, match="write 1 to 1,000 characters"):
        given.words(1000)(reason)


@pytest.mark.parametrize("typed", ["XpAwardsDlq", "xpawardsdlq", "XpAwards", " xpawards "])
def test_a_dead_letter_queue_is_meant_by_its_name_and_by_that_of_its_source(typed: str):
    assert given.dead_letter_queue(typed) == "XpAwardsDlq"


def test_what_is_refused_is_asked_of_nobody():
    result = CliRunner().invoke(app, ["audit", "--stack", "game", "--user", "13000000000000000000000"])
    assert (result.exit_code, "is no Discord id" in words(result)) == (2, True)


def test_a_variable_that_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("OPS_STACK", "")
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    assert "No local cloud is running here" in words(CliRunner().invoke(app, ["audit"]))


@pytest.mark.parametrize("typed", ["1300000000000000003", " <@1300000000000000003>", "<@!1300000000000000003>\u200f"])
def test_an_id_is_read_as_discord_shows_it(typed: str):
    assert given.discord_id(typed) == 1300000000000000003


@pytest.mark.parametrize(
    ("typed", "seconds"), [("90s", 90), ("15 min", 900), ("2H", 7200), ("1 day", 86_400), ("٣m", 180)]
)
def test_a_duration_is_read_in_its_units(typed: str, seconds: int):
    assert given.duration(typed) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("TimeZon=UTC", "do you mean TimeZone?"),
        ("TimeZone", "write it as Name=Value"),
        ("XpDelaySeconds=901", "a whole number from 0 to 900"),
        ("Milestones=yes", "is one of on, off"),
        ("GuildId=12", "must be a Discord id of 15 to 20 digits"),
    ],
)
def test_a_parameter_is_checked_as_the_template_says(typed: str, problem: str):
    with pytest.raises(typer.BadParameter, match=problem.replace("?", r"\?")):
        template.parameter(typed)


def test_a_sound_parameter_is_taken_as_it_is():
    assert template.parameter("XpDelaySeconds=0") == "XpDelaySeconds=0"
    assert template.parameter("AlertAddress=") == "AlertAddress="


def test_a_parameter_that_stands_twice_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(typer.Exit):
        check_names(["GuildId=1", "OwnerId=2", "GuildId=3"])
    assert "GuildId stands twice in --parameter" in capsys.readouterr().err


PARSERS = (
    *(given.discord_id, given.duration, given.stack, given.region, given.bucket, given.ref, given.variable),
    *(given.ssm_parameter, given.function, given.app, given.action, given.api, given.picture, template.parameter),
    *(given.database_url, given.whole(1, 500)),
)


@example(given.database_url, "\udcff")
@examples(st.sampled_from(PARSERS), st.text(st.characters()) | st.sampled_from(ERRORS))
def test_any_text_is_read_or_refused_in_words(parse: Any, text: str):  # noqa: ANN401 # each returns its own kind
    with suppress(typer.BadParameter):
        parse(text)
