"""Whatever is typed, wherever text can be typed, gets a polite answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast, override

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkit.discord_client import User
from mastermind.bot import entries
from mastermind.bot import registry as catalogue
from mastermind.bot.commands import OptionType
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from tests.commands.crawl import BROKEN, Crawl, fields, lines
from tests.commands.moderating import ADA
from tests.commands.playing import SAM, Bot
from tests.round_trips import Traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devkit.discord_client import Answer, Value
    from devkit.json_types import Json
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

PIECES = (
    *("\0", "\ud83e", "\udd8a", "\ufffd", "\x1b[31m", "\x7f", "\r\n", "\t"),
    *("\u200f", "\u202e", "\u2066", "\u200b", "\u00ad", "\ufe0f", "\u3164", "\u2800", "\U000e0041", "\u0301" * 9),
    *("٣", "۱۲", "１０", "²", "½", "−1", "+", "0", "9" * 30, "1e9", "٫", "٬"),
    *("שלום", "می‌خواهم", "नमस्ते", "🧑‍🚀", "ﷺ", "İ", "ß", "’", "“", "–", "`", "*", "<@1>", "@everyone", "%s", "'; --"),
    *("yesterday", "fri", "last", "21", "nov", "11/12", "DELETE", "level", "1.", "UTC", "xp"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=5).map("".join) | st.text(st.characters(), max_size=30)

LASTING = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
"""One game for all of the texts."""

type Typing = Callable[[str], Answer]


@dataclass
class Forms(Crawl):
    """Opens every form, and sends none."""

    opened: list[Answer] = field(default_factory=list["Answer"])

    @override
    def _send(self, form: Answer) -> None:
        self.opened.append(form)


def options(bot: Bot) -> Iterator[Typing]:
    """Every option that takes text, alone beside the required ones, as a command and while it is typed."""
    for line, declared in (found for command in catalogue.commands(bot.app) for found in lines(command)):
        needed: dict[str, Value] = {option.name: SAM for option in declared if option.type is OptionType.USER}
        needed |= {option.name: 1 for option in declared if option.required and option.type is OptionType.INTEGER}
        needed |= {option.name: "abc" for option in declared if option.required and option.type is OptionType.STRING}
        for option in declared:
            if option.type is OptionType.STRING:
                yield partial(command, bot, line, needed, option.name)
            if option.autocomplete:
                yield partial(bot.typing, line, option.name)


def command(bot: Bot, line: str, needed: dict[str, Value], option: str, text: str) -> Answer:
    return bot.command(line, {**needed, option: text})


def forms(bot: Bot, database: Traced) -> Iterator[Typing]:
    crawl = Forms(bot, database, {"user": SAM, "compare": SAM})
    crawl.everything()
    for form in crawl.opened:
        for name in fields(cast("Json", form.body["data"])):
            yield partial(fill, bot, form, entries.base_of(name))


def fill(bot: Bot, form: Answer, name: str, text: str) -> Answer:
    return bot.fill(form, {name: text})


@pytest.mark.parametrize("app", catalogue.APPS)
def test_any_text_typed_anywhere_gets_a_polite_answer(app: str, enter_as: EnterAs, owner: Connection):
    courses.seed(owner, course.load())
    database = Traced(enter_as(f"app_{app}"))
    bot = Bot(app, database, user=ADA)
    places = [*options(bot), *forms(bot, database)]

    @settings(max_examples=8 * len(places), suppress_health_check=LASTING)
    @given(st.sampled_from(places), TEXTS)
    def politely(typing: Typing, text: str) -> None:
        answer = typing(text)
        assert answer.status == 200
        assert not any(words in answer.text for words in BROKEN)

    politely()


@given(nick=TEXTS, name=TEXTS.filter(bool))
@settings(max_examples=30, suppress_health_check=LASTING)
def test_whatever_a_member_is_called_they_get_an_answer(main: Bot, nick: str, name: str):
    odd = User(SAM.id, name, nick=nick)
    assert main.as_user(odd).command("scorecard").status == 200
    shown = main.command("scorecard", {"user": odd})
    assert shown.status == 200
    assert not any(words in shown.text for words in BROKEN)
