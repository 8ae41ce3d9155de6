"""The pages of /course: all modules, one module, one lesson, and the member's progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.commands.main.course.paths import ASK, MODULE, OVERVIEW, PROGRESS, WATCH
from mastermind.commands.parts import bars
from mastermind.commands.parts.people import counted
from mastermind.discord import limits
from mastermind.discord.components import Button, ButtonStyle, Container, LinkButton, Row, Section, Separator, Text
from mastermind.discord.text import cut
from mastermind.game.course.rules import MODULE_XP
from mastermind.game.for_you.rules import Kind

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.game.course.actions import Seat
    from mastermind.game.course.rules import Course, CourseProgress, Lesson, Missing, Module

NO_COURSE = "There is no course here at the moment."
EMPTY = (
    f"## {looks.COURSE.emoji} Course\n"
    f"{NO_COURSE} The admins of this server can add one. Meanwhile `/tenseylist` has enough."
)


@dataclass(frozen=True, slots=True)
class CourseView:
    """The course as a member sees it, ready to render; `notice` reports what has just happened."""

    call: Call
    seat: Seat
    notice: str = ""

    @property
    def progress(self) -> CourseProgress:
        return self.seat.progress

    @property
    def course(self) -> Course:
        return self.progress.course


# --- the pages ---


def overview(view: CourseView) -> Container:
    """Every module with its button: at most 37 of the 40 components, 30 of them for ten modules."""
    if not view.course.modules:
        return Container((Text(EMPTY), *_questions_row(view)), looks.COURSE.color)
    modules = (_module_line(view, module) for module in view.course.modules)
    return Container(
        (Text(_overview_heading(view)), *_notice(view), *modules, Separator(), _what_next(view)), looks.COURSE.color
    )


def module(view: CourseView, shown: Module) -> Container:
    """One module with its lessons: at most 30 of the 40 components, 15 of them for five lessons."""
    lessons = (_lesson_line(view, shown, lesson) for lesson in shown.lessons)
    links = _links(shown) if view.progress.is_open(shown) else ()
    return Container(
        (Text(_module_heading(view, shown)), *_notice(view), *lessons, *links, _around(view, shown)), looks.COURSE.color
    )


def lesson(view: CourseView, shown: Lesson) -> Container:
    """One lesson: its link and its button, and above it the notice about the previous one."""
    inside = view.course.module_of(shown.id)
    assert inside is not None, "every lesson of the course is in one of its modules"
    return Container(
        (
            *((*_notice(view), Separator()) if view.notice else ()),
            Text(_lesson_heading(view, inside, shown)),
            *_to_watch(view, inside, shown),
            _from_lesson(view, inside, shown),
        ),
        looks.COURSE.color,
    )


def progress(view: CourseView) -> Container:
    """The member's progress, in total and in each module."""
    if not view.course.modules:
        return overview(view)
    return Container(
        (Text(_progress_heading(view)), Text(_by_module(view)), _what_next(view, at_progress=True)), looks.COURSE.color
    )


# --- the overview ---


def _overview_heading(view: CourseView) -> str:
    lines = [
        f"## {looks.COURSE.emoji} Course",
        _lessons_watched(view),
        f"Each complete module brings {MODULE_XP} XP, once.",
    ]
    return "\n".join([*lines, *_news(view)])


def _news(view: CourseView) -> list[str]:
    view.call.shows(Kind.ANSWER)
    if not view.seat.new_answers:
        return []
    return [f"**{counted(view.seat.new_answers, 'new answer')} to your questions: see My questions below.**"]


def _module_line(view: CourseView, shown: Module) -> Section:
    number = view.course.number(shown)
    button = Button(f"Module {number}", view.call.custom_id("open", shown.id, path=MODULE))
    return Section((Text(f"**{number}. {shown.title}**\n-# {_state(view, shown)}"),), button)


def _state(view: CourseView, shown: Module) -> str:
    """The state of a module, in words."""
    member = view.progress
    watched = f"{member.watched_of(shown)} of {len(shown.lessons)} done"
    if shown in member.due:
        return f"Complete: {watched}. Its {MODULE_XP} XP is waiting to be collected"
    if member.is_complete(shown):
        return f"Complete: {watched}, +{MODULE_XP} XP"
    missing = member.missing(shown)
    return f"Closed: {_requirements(view, missing)}" if missing else f"Open: {watched}"


def _requirements(view: CourseView, missing: Missing) -> str:
    """What is still required to open a closed module."""
    takes: list[str] = []
    if missing.before:
        takes.append(f"complete module {view.course.number(missing.before)}")
    if missing.level:
        takes.append(f"reach level {missing.level} (you are at level {view.progress.level})")
    return " and ".join(takes)


# --- a module ---


def _module_heading(view: CourseView, shown: Module) -> str:
    number, count = view.course.number(shown), len(view.course.modules)
    return (
        f"## {looks.COURSE.emoji} Module {number} of {count}: {shown.title}\n{shown.about}\n**{_state(view, shown)}**"
    )


def _lesson_line(view: CourseView, inside: Module, shown: Lesson) -> ContainerPart:
    """A lesson with its button; without one when its module is closed."""
    number = inside.lessons.index(shown) + 1
    text = Text(f"**{number}. {shown.title}** ({_minutes(shown)}){_about(shown)}{_footnote(view, shown)}")
    if shown.id in view.progress.watched:
        return Section((text,), Button(f"See lesson {number}", view.call.custom_id("open", shown.id, path=WATCH)))
    if not view.progress.is_open(inside):
        return text
    watched = view.call.custom_id("watched", shown.id, "module", path=WATCH)
    return Section((text,), Button(f"I {_done(shown)} {number}", watched, ButtonStyle.PRIMARY))


def _footnote(view: CourseView, shown: Lesson) -> str:
    """A further note on a lesson, in small print."""
    return f"\n-# {_done(shown).capitalize()}" if shown.id in view.progress.watched else ""


def _about(shown: Lesson) -> str:
    return f"\n{shown.about}" if shown.about else ""


def _done(shown: Lesson) -> str:
    """What one does with a lesson, in the past tense: one without a link is its own text."""
    return "watched" if shown.link else "read"


def _links(shown: Module) -> tuple[Row, ...]:
    numbered = [(number, it.link) for number, it in enumerate(shown.lessons, 1) if it.link]
    return (Row(tuple(LinkButton(f"Open lesson {number}", link) for number, link in numbered)),) if numbered else ()


def _around(view: CourseView, shown: Module) -> Row:
    """Buttons to the neighbouring modules, and to collect the module's XP when it is due."""
    modules, place = view.course.modules, view.course.modules.index(shown)
    before = modules[place - 1] if place else None
    after = modules[place + 1] if place + 1 < len(modules) else None
    collect = Button(
        f"Collect {MODULE_XP} XP", view.call.custom_id("collect", shown.id, path=MODULE), ButtonStyle.SUCCESS
    )
    return Row(
        (
            *((collect,) if shown in view.progress.due else ()),
            *((_to_module(view, "Previous", before),) if before else ()),
            *((_to_module(view, "Next", after),) if after else ()),
            _all_modules(view),
            _ask(view),
        )
    )


def _to_module(view: CourseView, word: str, target: Module) -> Button:
    return Button(f"{word}: module {view.course.number(target)}", view.call.custom_id("open", target.id, path=MODULE))


# --- a lesson ---


def _lesson_heading(view: CourseView, inside: Module, shown: Lesson) -> str:
    module_number, number = view.course.number(inside), inside.lessons.index(shown) + 1
    place = f"Module {module_number}: {inside.title}, lesson {number} of {len(inside.lessons)}, {_minutes(shown)}"
    return f"## {looks.COURSE.emoji} {shown.title}\n-# {place}{_about(shown)}"


def _to_watch(view: CourseView, inside: Module, shown: Lesson) -> tuple[ContainerPart, ...]:
    missing = view.progress.missing(inside)
    if missing:
        return (Text(f"**Its module is closed:** {_requirements(view, missing)}."),)
    is_watched = shown.id in view.progress.watched
    do = "Watch it" if shown.link else "Read it"
    said = f"You have {_done(shown)} it." if is_watched else f"{do}, then tap *Done*."
    link = (LinkButton("Open lesson", shown.link),) if shown.link else ()
    mark = Button("Done", view.call.custom_id("watched", shown.id, "lesson", path=WATCH), ButtonStyle.PRIMARY)
    buttons = (*link, *(() if is_watched else (mark,)))
    return (Text(said), Row(buttons)) if buttons else (Text(said),)


def _from_lesson(view: CourseView, inside: Module, shown: Lesson) -> Row:
    coming = view.progress.next_lesson
    return Row(
        (
            *((_next_lesson(view, coming),) if coming and coming != shown else ()),
            Button(f"Module {view.course.number(inside)}", view.call.custom_id("open", inside.id, path=MODULE)),
            _all_modules(view),
            _ask(view),
        )
    )


# --- progress ---


def _progress_heading(view: CourseView) -> str:
    member = view.progress
    complete = sum(map(member.is_complete, view.course.modules))
    return "\n".join(
        (
            f"## {looks.COURSE.emoji} Your progress in the course",
            _lessons_watched(view),
            f"**Modules:** {complete:,} of {len(view.course.modules):,} complete",
            f"**XP of the course:** {MODULE_XP * len(member.paid):,}",
            f"**Next:** {_next_step(view)}",
        )
    )


def _lessons_watched(view: CourseView) -> str:
    lessons = view.course.lessons
    watched = sum(it.id in view.progress.watched for it in lessons)
    return f"**Lessons:** {bars.with_figures(watched, len(lessons), 'done')}"


def _next_step(view: CourseView) -> str:
    member = view.progress
    if member.next_lesson:
        return f"{member.next_lesson.title}, {_minutes(member.next_lesson)}"
    waiting = next((it for it in view.course.modules if member.missing(it)), None)
    missing = waiting and member.missing(waiting)
    if waiting and missing:
        return f"for module {view.course.number(waiting)}, {_requirements(view, missing)}"
    return "nothing. You have done the whole course. What a journey!"


def _by_module(view: CourseView) -> str:
    modules = enumerate(view.course.modules, 1)
    return "\n".join(f"**{number}. {it.title}**\n-# {_state(view, it)}" for number, it in modules)


# --- parts of several pages ---


def _notice(view: CourseView) -> tuple[Text, ...]:
    return (Text(view.notice),) if view.notice else ()


def _what_next(view: CourseView, *, at_progress: bool = False) -> Row:
    """Buttons for what to do next; at most five."""
    coming = view.progress.next_lesson
    other = _all_modules(view) if at_progress else Button("My progress", view.call.custom_id("open", path=PROGRESS))
    return Row((*((_next_lesson(view, coming),) if coming else ()), other, _ask(view), *_own_questions(view)))


def _next_lesson(view: CourseView, coming: Lesson) -> Button:
    label = cut(f"Next: {coming.title}", limits.BUTTON_LABEL_READS_WELL)
    return Button(label, view.call.custom_id("open", coming.id, path=WATCH), ButtonStyle.PRIMARY)


def _all_modules(view: CourseView) -> Button:
    return Button("All modules", view.call.custom_id("open", path=OVERVIEW))


def _ask(view: CourseView) -> Button:
    return Button("Ask admins", view.call.custom_id("open", path=ASK))


def _own_questions(view: CourseView) -> tuple[Button, ...]:
    """The button to the member's questions, if they have any."""
    if not view.seat.questions:
        return ()
    new = view.seat.new_answers
    label = f"My questions ({new})" if new else "My questions"
    style = ButtonStyle.SUCCESS if new else ButtonStyle.SECONDARY
    return (Button(label, view.call.custom_id("show", 0, path=ASK), style),)


def _questions_row(view: CourseView) -> tuple[Row, ...]:
    """Without a course, earlier questions can still be read."""
    own = _own_questions(view)
    return (Row(own),) if own else ()


def _minutes(shown: Lesson) -> str:
    return counted(shown.minutes, "minute")
