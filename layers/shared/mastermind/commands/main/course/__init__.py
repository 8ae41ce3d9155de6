"""/course: modules of short lessons to watch in order, and questions about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Option, Subcommand
from mastermind.commands.main.course import pages, questions
from mastermind.commands.main.course.pages import CourseView
from mastermind.discord.limits import CHOICES
from mastermind.discord.replies import Choice, Choices, Message, Update
from mastermind.errors import MemberMistake, Unavailable
from mastermind.game.course import actions as course
from mastermind.game.course.rules import MODULE_XP
from mastermind.game.members.pace import Pace
from mastermind.typed import meant, suggested

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.bot.call import Call
    from mastermind.discord.components import Container
    from mastermind.discord.replies import Reply
    from mastermind.game.course.actions import Seat, Watched
    from mastermind.game.course.rules import CourseProgress, Module

NO_MODULE = "I could not tell which module you mean. Choose one of the suggestions, or see `/course overview`."
NO_LESSON = "I could not tell which lesson you mean. Choose one of the suggestions, or see `/course overview`."
AGAIN = "You had done this one before. Nothing has changed."
NOTHING_DUE = "There is nothing to collect: you already have the XP of this module."


# --- what the subcommands do ---


def _overview(call: Call) -> Reply:
    return Message((pages.overview(_look(call)),))


def _progress(call: Call) -> Reply:
    return Message((pages.progress(_look(call)),))


def _module(call: Call) -> Reply:
    """The module that was typed; by default the member's current one."""
    view, typed = _look(call), call.text("module")
    if not typed:
        return Message((_page_of(view, view.progress.current),))
    numbered = enumerate(view.course.modules, 1)
    names = [(it, name) for number, it in numbered for name in (f"{number}. {it.title}", it.title, str(number), it.id)]
    module = meant(typed, names)
    if module is None:
        raise MemberMistake(NO_MODULE)
    return Message((pages.module(view, module),))


def _watch(call: Call) -> Reply:
    """The lesson that was typed; by default the next one to watch."""
    view, typed = _look(call), call.text("lesson")
    if not typed:
        return Message((_next(view),))
    lesson = meant(typed, [(it, name) for it in view.course.lessons for name in (it.title, it.id)])
    if lesson is None:
        raise MemberMistake(NO_LESSON)
    return Message((pages.lesson(view, lesson),))


# --- what the buttons do ---


def _turn_to_overview(call: Call) -> Reply:
    return Update((pages.overview(_look(call)),))


def _turn_to_progress(call: Call) -> Reply:
    return Update((pages.progress(_look(call)),))


def _turn_to_module(call: Call) -> Reply:
    view, module_id = _look(call), call.argument(0)
    return Update((_page_of(view, next((it for it in view.course.modules if it.id == module_id), None)),))


def _turn_to_lesson(call: Call) -> Reply:
    view = _look(call)
    lesson = view.course.lesson(call.argument(0))
    return Update((pages.lesson(view, lesson) if lesson else pages.overview(view),))


def _watched(call: Call) -> Reply:
    """Mark a lesson as watched; a module's page stays open, a lesson's page moves on to the next lesson."""
    lesson_id, from_module = call.argument(0), call.argument(1) == "module"
    watched = call.run(course.watch, lesson_id)
    _announce(call, watched)
    view = CourseView(call, watched.seat, _result(watched))
    if from_module or view.progress.next_lesson is None:
        return Update((_page_of(view, view.course.module_of(lesson_id)),))
    return Update((_next(view),))


def _collect(call: Call) -> Reply:
    module_id = call.argument(0)
    collected = call.run(course.collect)
    _announce(call, collected)
    notice = NOTHING_DUE if collected.again else _completed(collected)
    view = CourseView(call, collected.seat, notice)
    return Update((_page_of(view, next((it for it in view.course.modules if it.id == module_id), None)),))


def _announce(call: Call, watched: Watched) -> None:
    """The XP of a module can reach a level."""
    if watched.completed:
        call.nudge()


# --- autocomplete ---


def _suggest_module(call: Call) -> Choices:
    def named(progress: CourseProgress) -> list[tuple[str, str]]:
        modules = enumerate(progress.course.modules, 1)
        return [(f"{number}. {it.title} ({_status(progress, it)})", it.id) for number, it in modules]

    return _suggest(call, named)


def _suggest_lesson(call: Call) -> Choices:
    """The lessons of open modules, unwatched ones first."""

    def named(progress: CourseProgress) -> list[tuple[str, str]]:
        opened = [it for module in progress.course.modules if progress.is_open(module) for it in module.lessons]
        opened.sort(key=lambda it: it.id in progress.watched)
        return [(f"{it.title} (done)" if it.id in progress.watched else it.title, it.id) for it in opened]

    return _suggest(call, named)


def _suggest(call: Call, named: Callable[[CourseProgress], list[tuple[str, str]]]) -> Choices:
    """The entries that contain the typed text; none when the database is unavailable."""
    try:
        entries = named(_read(call).progress)
    except Unavailable:
        return Choices(())
    choices = [(Choice(name, id_), name) for name, id_ in entries]
    return Choices(tuple(suggested(call.typed, choices)[:CHOICES]))


# --- reading and wording ---


def _read(call: Call) -> Seat:
    return call.run(course.read)


def _look(call: Call) -> CourseView:
    return CourseView(call, _read(call))


def _page_of(view: CourseView, module: Module | None) -> Container:
    """A module's page; the overview when the module is no longer in the course."""
    return pages.module(view, module) if module else pages.overview(view)


def _next(view: CourseView) -> Container:
    """The next lesson's page; without one, the page of the current module."""
    lesson = view.progress.next_lesson
    return pages.lesson(view, lesson) if lesson else _page_of(view, view.progress.current)


def _result(watched: Watched) -> str:
    """The result of marking a lesson as watched."""
    if watched.again:
        return AGAIN
    lesson = watched.seat.progress.course.lesson(watched.lesson_id)
    said = f"Done: {lesson.title}" if lesson else "Done."
    return f"{said}\n{_completed(watched)}" if watched.completed else said


def _completed(watched: Watched) -> str:
    titles = {it.id: it.title for it in watched.seat.progress.course.modules}
    lines = (f"**Module complete: {titles.get(id_, 'a retired one')}. +{MODULE_XP} XP**" for id_ in watched.completed)
    return "\n".join(lines)


def _status(progress: CourseProgress, module: Module) -> str:
    if progress.is_complete(module):
        return "complete"
    return "open" if progress.is_open(module) else "closed"


_TURNING = {"open": Pace.PAGING}

COMMAND = Command(
    name="course",
    description="Watch the course, module by module, and ask about it",
    subcommands=(
        Subcommand(
            "overview",
            "All modules, how far you are, and what is new",
            _overview,
            components={"open": _turn_to_overview},
            paces=_TURNING,
        ),
        Subcommand(
            "module",
            "One module with its lessons",
            _module,
            options=(Option("module", "Which module (default: the current one)", autocomplete=_suggest_module),),
            components={"open": _turn_to_module, "collect": _collect},
            paces=_TURNING,
        ),
        Subcommand(
            "progress",
            "How far you are, module by module, and what comes next",
            _progress,
            components={"open": _turn_to_progress},
            paces=_TURNING,
        ),
        Subcommand(
            "watch",
            "Open a lesson, and mark it when it is done",
            _watch,
            options=(Option("lesson", "Which lesson (default: the next one)", autocomplete=_suggest_lesson),),
            components={"open": _turn_to_lesson, "watched": _watched},
            paces=_TURNING,
        ),
        questions.SUBCOMMAND,
    ),
    help=(
        "`/course overview` shows all modules; one opens when the one before is complete and its level reached. "
        "`/course watch` opens the next lesson: read or watch it, then tap *Done*. All lessons of a module done "
        "bring 500 XP, once. `/course ask` sends a question to the admins, and their answer waits for you in "
        "`/course overview`. Only you see any of it."
    ),
)
