"""/help explains every command of both applications, and needs nothing but the code."""

from __future__ import annotations

from typing import cast

import pytest

from devkit.discord_client import Answer, User
from mastermind.bot.guide import lowest_access, usages
from mastermind.bot.registry import APPS, commands
from mastermind.commands.main.help import WISHES
from mastermind.discord.permissions import ADMINISTRATOR, MODERATE_MEMBERS
from mastermind.game.members.authority import Access
from tests.bot.playground import NoDatabase
from tests.commands.playing import Bot, labels, select

EVERY = [command for app in APPS for command in commands(app)]


@pytest.fixture
def main() -> Bot:
    return Bot("main", NoDatabase())


def test_it_says_in_sixty_words_how_the_game_works(main: Bot):
    answer = main.command("help")
    assert answer.is_private
    assert "Do something small and brave" in answer.text
    assert len(answer.text.split()) <= 60


def test_each_wish_has_a_button_with_the_commands_that_help(main: Bot):
    for user in (User(1), User(1, permissions=MODERATE_MEMBERS), User(1, permissions=ADMINISTRATOR)):
        bot = main.as_user(user)
        opened = bot.command("help")
        wishes = [wish for wish in WISHES if wish.button in labels(opened)]
        assert len(wishes) == (4 if user.permissions == 0 else 5)
        for wish in wishes:
            page = bot.tap(opened, wish.button)
            assert page.kind == 7
            assert wish.more in page.text


def test_every_command_helps_with_a_wish_or_is_in_the_select(main: Bot):
    bot = main.as_user(User(1, permissions=ADMINISTRATOR))
    opened = bot.command("help")
    assert offered(opened) == {command.name for command in EVERY} - {name for wish in WISHES for name in wish.commands}
    for wish in WISHES:
        assert offered(bot.tap(opened, wish.button)) == set(wish.commands)


def offered(page: Answer) -> set[object]:
    return {option["value"] for option in cast("list[dict[str, object]]", select(page)["options"])}


def test_of_a_command_it_names_the_parts_that_the_caller_may_use(main: Bot):
    bot = main.as_user(User(1, permissions=MODERATE_MEMBERS))
    shown = bot.tap(bot.command("help"), "The team").text
    assert "`/security warn` `/security warnings` `/security flags` How the game is kept" in shown
    assert "/security audit" not in shown


IN_A_GROUP = (" roles add", " roles remove", " roles sync")
"""What `/admin roles list` stands for: it names them."""


@pytest.mark.parametrize("name", [command.name for command in EVERY])
def test_a_topic_explains_one_command(main: Bot, name: str):
    (command,) = (command for command in EVERY if command.name == name)
    for written in (name, f"/{name}", f" {name.upper()} "):
        answer = main.as_user(User(1, permissions=ADMINISTRATOR)).command("help", {"topic": written})
        assert command.help in answer.text
        shown = f"{answer.text} ".replace("\n", " \n")
        assert all(f"`{path}` " in shown for path, _, _ in usages(command) if not path.endswith(IN_A_GROUP))
        assert not any(f"`{path}` " in shown for path, _, _ in usages(command) if path.endswith(IN_A_GROUP))


def test_the_select_switches_topics_in_the_same_message(main: Bot):
    answer = main.choose(main.tap(main.command("help"), "Challenges"), "tenseylist")
    assert answer.kind == 7
    assert "tenseylist" in answer.text
    chosen = [option for option in cast("list[dict[str, object]]", select(answer)["options"]) if option.get("default")]
    assert [option["value"] for option in chosen] == ["tenseylist"]


def test_an_unknown_topic_is_refused_with_what_to_do(main: Bot):
    answer = main.command("help", {"topic": "**love**"})
    assert answer.text == (
        "I have no help about that. Type `/help` and choose from the list.\nYou typed:\n**Topic:** `**love**`"
    )


def test_matching_commands_are_suggested_while_typing(main: Bot):
    assert [choice["value"] for choice in main.typing("help", "topic", "tenseyli").choices] == ["tenseylist"]
    admin = main.as_user(User(1, permissions=ADMINISTRATOR))
    assert {choice["value"] for choice in admin.typing("help", "topic", "").choices} == {one.name for one in EVERY}
    assert main.typing("help", "topic", "nothing like this").choices == []


def test_commands_without_access_are_not_suggested(main: Bot):
    open_to_all = {one.name for one in EVERY if lowest_access(one) is Access.EVERYONE}
    assert {choice["value"] for choice in main.typing("help", "topic", "").choices} == open_to_all
    assert main.typing("help", "topic", "security").choices == []
