"""Asks the operator: a question has a guess or numbered choices, and is asked again until its answer can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from getpass import getpass
from typing import TYPE_CHECKING, NoReturn, Protocol

import typer
from rich.markup import escape

from mastermind.typed import bare, fold
from ops.discord import fail
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Refused(Exception):
    """An answer that cannot be; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Choice[T]:
    """One of several answers, which is chosen by its number or its name; `words` say more about it."""

    name: str
    value: T
    words: str = ""


@dataclass(frozen=True, slots=True)
class Question[T]:
    """What is asked. Enter takes the `guess`, as it would be typed; `read` makes an answer of what was typed.

    `read` raises Refused or typer.BadParameter for what cannot be. `key` names the question in tests and in errors.
    """

    key: str
    words: str
    read: Callable[[str], T]
    guess: str = ""
    shown: Sequence[str] = ()
    is_secret: bool = False


SECRETLY = "  > "
"""The prompt for what is not shown: it appears once nothing is, so that no paste comes too early."""


class Keyboard(Protocol):
    """Where answers come from: what somebody typed, without the end of the line."""

    def type(self, key: str, prompt: str, *, is_secret: bool) -> str: ...


class Terminal:
    """The person at this terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def type(self, key: str, prompt: str, *, is_secret: bool) -> str:
        del key
        try:
            return getpass(SECRETLY) if is_secret else self._console.input(prompt)
        except EOFError:
            raise KeyboardInterrupt from None


class Nobody:
    """Takes every guess (`--yes`); a question without one, or whose guess cannot be, ends the command."""

    def __init__(self) -> None:
        self._asked = set[str]()

    def type(self, key: str, prompt: str, *, is_secret: bool) -> str:
        del prompt, is_secret
        if key in self._asked:
            fail(f"With --yes nobody is asked, and there is no sound guess for {key}: run it without.")
        self._asked.add(key)
        return ""


@dataclass(frozen=True, slots=True)
class Asking:
    """Shows questions on a console, and has them answered."""

    keyboard: Keyboard
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))

    def ask[T](self, question: Question[T]) -> T:
        """The answer; asks until there is one."""
        console = self.console
        console.print(f"\n[bold cyan]?[/] [bold]{escape(question.words)}[/]")
        for line in question.shown:
            console.print(f"  {line}")
        guess = f" [dim]\\[{escape(question.guess)}][/]" if question.guess else ""
        while True:
            typed = bare(self.keyboard.type(question.key, f"  [cyan]>[/]{guess} ", is_secret=question.is_secret))
            try:
                return question.read(typed or question.guess)
            except Refused as refused:
                self.trouble(str(refused))
            except typer.BadParameter as refused:
                self.trouble(refused.message)

    def say(self, words: str) -> None:
        self.console.print(words)

    def fine(self, words: str) -> None:
        self.console.print(f"[green]✓[/] {words}")

    def note(self, words: str) -> None:
        self.console.print(f"[yellow]![/] {escape(words)}")

    def trouble(self, words: str) -> None:
        self.console.print(f"  [red]✗[/] {escape(words)}")


def choose[T](key: str, words: str, choices: Sequence[Choice[T]], guess: int = 1) -> Question[T]:
    """A question with numbered choices; the guess is one of the numbers, from 1."""
    width = max(len(one.name) for one in choices)
    shown = [
        f"[cyan]{number:>2}[/]  {escape(one.name):{width}}  [dim]{escape(one.words)}[/]".rstrip()
        for number, one in enumerate(choices, 1)
    ]
    return Question(key, words, lambda typed: _chosen(typed, choices), str(guess), shown)


def _chosen[T](typed: str, choices: Sequence[Choice[T]]) -> T:
    numbered = {str(number): one for number, one in enumerate(choices, 1)}
    if typed in numbered:
        return numbered[typed].value
    named = [one for one in choices if fold(one.name).lstrip("#@") == fold(typed).lstrip("#@")]
    return named[0].value if len(named) == 1 else _refuse(f"Type a number from 1 to {len(choices)}, or a name.")


def _refuse(words: str) -> NoReturn:
    raise Refused(words)
