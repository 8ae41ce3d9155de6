"""The models of the content files (docs/Tensey_Bot_Integration.md)."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING, Annotated, override

from pydantic import Field, ValidationInfo, field_validator

from devkit.content.fields import line, only, snake_case
from devkit.content.reading import ContentFile, Entry, entries, twins
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.rules import MOST_CATEGORIES, MOST_STATS, TENSEY
from mastermind.game.challenges import content as challenges
from mastermind.game.challenges.rules import CHALLENGE_XP
from mastermind.game.course import content as course
from mastermind.game.flags import content as flags
from mastermind.game.flags.rules import PATTERNS
from mastermind.game.levels import content as levels
from mastermind.game.levels.rules import LEVELS
from mastermind.game.standings import rules as boards
from mastermind.game.weeks import content as questions
from mastermind.typed import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.content.reading import Mistake

LONGEST_ID, LONGEST_KEY, LONGEST_CATEGORY_KEY = 40, 30, 16
"""Ids and keys travel in a custom_id of at most 100 characters."""

LONGEST_TITLE, LONGEST_TEXT = 60, 250
"""Bytes: a page of five challenges, or a module with its lessons, stays far below the 9,000 bytes and the 4,000
characters of a message (docs/rules/discord.md, Limits)."""

MOST_CHAPTERS = 25
"""A select offers at most 25 options (docs/rules/discord.md, Limits), and one select jumps to any chapter."""

MOST_XP, MOST_WEIGHT, MOST_A_DAY = 5_000, 100, 1_000
"""Per unit, per unit, and units per day."""

MOST_XP_A_DAY = 200_000
"""Of all stats at their caps: times all multipliers (docs/rules/xp.md) it is the 1,000,000 XP that the ledger takes."""

HTTPS = r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]{1,5})?([/?#][!-~]*)?"

type Id = Annotated[str, line(LONGEST_ID, "[a-z0-9]+(-[a-z0-9]+)*", "lower-case words and digits joined by hyphens")]
type Title = Annotated[str, line(LONGEST_TITLE)]
type Sentences = Annotated[str, line(LONGEST_TEXT)]
type Xp = Annotated[int, Field(ge=0, le=MOST_XP)]
type Weight = Annotated[int, Field(ge=0, le=MOST_WEIGHT)]
type XpLevel = Annotated[int, Field(ge=1, le=LEVELS)]


# --- challenges ---


class ChallengeEntry(Entry):
    id: Id
    text: Sentences


class ChapterEntry(Entry):
    level: int
    title: Title
    about: Sentences
    challenges: Annotated[list[ChallengeEntry], Field(min_length=1, max_length=100)]


class ChallengesFile(ContentFile):
    VARIABLE = "CHALLENGES_FILE"
    SHIPPED = challenges.FILE
    levels: Annotated[list[ChapterEntry], Field(min_length=1, max_length=MOST_CHAPTERS)]

    @property
    @override
    def size(self) -> str:
        return f"chapters: {len(self.levels)}, challenges: {sum(len(each.challenges) for each in self.levels)}"

    @staticmethod
    @override
    def between(document: object) -> Iterator[Mistake]:
        for number, (place, chapter) in enumerate(entries(document, "levels"), 1):
            if type(chapter.get("level")) is int and chapter["level"] != number:
                yield (*place, "level"), f"must be {number}: chapters are numbered in order"
        yield from twins("id", entries(document, "levels", "challenges"))
        yield from twins("text", entries(document, "levels", "challenges"))


# --- stats ---


class RaidPoints(Entry):
    warrior: Xp = 0
    mage: Xp = 0


class AutomaticStatEntry(Entry):
    key: Annotated[str, snake_case(LONGEST_KEY), only(TENSEY, "only challenges are counted by themselves")]
    name: Annotated[str, line(34)]
    xp: Annotated[int, only(CHALLENGE_XP, "that is what a challenge pays")]
    warrior: Weight = 0
    mage: Weight = 0
    raid: RaidPoints = RaidPoints()


LONGEST_ABOUT = 80
"""Characters that explain the name of a stat, two lines on a narrow phone."""


class StatEntry(Entry):
    """The name is a field's label and a line of the card on a narrow phone."""

    key: Annotated[str, snake_case(LONGEST_KEY)]
    name: Annotated[str, line(34)]
    xp: Xp
    warrior: Weight = 0
    mage: Weight = 0
    cap: Annotated[int, Field(ge=1, le=MOST_A_DAY)]
    once_a_day: bool = False
    about: Annotated[str, line(LONGEST_ABOUT)] | Annotated[str, Field(max_length=0)] = ""
    raid: RaidPoints = RaidPoints()

    @field_validator("key")
    @classmethod
    def _is_no_other_board(cls, value: str) -> str:
        if value in {boards.XP, boards.TENSEY}:
            raise ValueError("is what another leaderboard is called")
        return value


class CategoryEntry(Entry):
    """The title is a button's label, and that of a form beside its day."""

    key: Annotated[str, snake_case(LONGEST_CATEGORY_KEY)]
    title: Annotated[str, line(20)]
    private: bool = False
    stats: Annotated[list[StatEntry], Field(min_length=1, max_length=MOST_STATS)]


class StatsFile(ContentFile):
    VARIABLE = "STATS_FILE"
    SHIPPED = stats.FILE
    categories: Annotated[list[CategoryEntry], Field(min_length=1, max_length=MOST_CATEGORIES)]
    automatic: Annotated[list[AutomaticStatEntry], Field(min_length=1, max_length=1)]

    @property
    @override
    def size(self) -> str:
        return f"categories: {len(self.categories)}, stats: {sum(len(each.stats) for each in self.categories)}"

    @staticmethod
    @override
    def between(document: object) -> Iterator[Mistake]:
        for field in ("key", "title"):
            yield from twins(field, entries(document, "categories"))
        for field in ("key", "name"):
            yield from twins(field, chain(entries(document, "categories", "stats"), entries(document, "automatic")))
        fullest = sum(_most_a_day(stat) for _, stat in entries(document, "categories", "stats"))
        if fullest > MOST_XP_A_DAY:
            yield ("categories",), f"must be worth at most {MOST_XP_A_DAY} XP a day, at their caps they are {fullest}"


def _most_a_day(stat: dict[str, object]) -> int:
    """The XP of a stat at its cap; none when that is not valid, which is a mistake of its own."""
    match stat:
        case {"once_a_day": True, "xp": int(xp)}:
            return xp
        case {"xp": int(xp), "cap": int(cap)} if xp <= MOST_XP and cap <= MOST_A_DAY:
            return xp * cap
        case _:
            return 0


# --- flags ---

type Phrases = Annotated[
    list[Annotated[str, line(60, r"(?=.*[^\W_])[^*]*\*?", "words, with a * at the end at most")]], Field(max_length=500)
]


class FlagRuleEntry(Entry):
    category: Annotated[str, line(20, "[a-z]+(_[a-z]+)*", "words like self_harm")]
    title: Annotated[str, line(30)]
    advice: Annotated[str, line(160)]
    words: Phrases
    unless: Phrases = Field(default_factory=list)
    need: bool = False

    @field_validator("words")
    @classmethod
    def _are_different(cls, words: list[str], info: ValidationInfo) -> list[str]:
        if not words and info.data.get("category") not in PATTERNS:
            raise ValueError("must have 1 or more entries, has 0")
        if len(set(map(fold, words))) < len(words):
            raise ValueError("must not have an entry twice")
        return words


class HelplineEntry(Entry):
    name: Annotated[str, line(34)]
    url: Annotated[str, line(512, HTTPS, "a link like https://example.org")] = ""
    number: Annotated[str, line(100)] = ""


class FlagsFile(ContentFile):
    VARIABLE = "FLAGS_FILE"
    SHIPPED = flags.FILE
    rules: Annotated[list[FlagRuleEntry], Field(min_length=1, max_length=12)]
    helplines: Annotated[list[HelplineEntry], Field(min_length=1, max_length=4)]

    @property
    @override
    def size(self) -> str:
        return f"categories: {len(self.rules)}, words: {sum(len(rule.words) for rule in self.rules)}"

    @staticmethod
    @override
    def between(document: object) -> Iterator[Mistake]:
        rules, helplines = tuple(entries(document, "rules")), tuple(entries(document, "helplines"))
        yield from twins("category", rules)
        yield from twins("name", helplines)
        if rules and not any(rule.get("need") is True for _, rule in rules):
            yield ("rules",), 'one must have "need": true, so that somebody in danger is answered'
        for place, helpline in helplines:
            if not (helpline.get("url") or helpline.get("number")):
                yield place, "must have a url or a number"


# --- course ---


class LessonEntry(Entry):
    """One with neither text nor link is in preparation: members do not see it yet."""

    id: Id
    title: Title
    about: Sentences = ""
    minutes: Annotated[int, Field(ge=1, le=600)]
    link: Annotated[str, line(512, HTTPS, "a link like https://example.org/lesson")] = ""


class ModuleEntry(Entry):
    """Its lessons have their links in one row of buttons."""

    id: Id
    title: Title
    about: Sentences
    level: XpLevel
    lessons: Annotated[list[LessonEntry], Field(min_length=1, max_length=5)]


class CourseFile(ContentFile):
    """Modules have a button each, on one message of at most 40 components."""

    VARIABLE = "COURSE_FILE"
    SHIPPED = course.FILE
    modules: Annotated[list[ModuleEntry], Field(min_length=1, max_length=10)]

    @property
    @override
    def size(self) -> str:
        return f"modules: {len(self.modules)}, lessons: {sum(len(module.lessons) for module in self.modules)}"

    @staticmethod
    @override
    def between(document: object) -> Iterator[Mistake]:
        yield from twins("id", entries(document, "modules"))
        yield from twins("id", entries(document, "modules", "lessons"))


# --- questions ---


class QuestionsFile(ContentFile):
    """A question is a line of the post about a week."""

    VARIABLE = "QUESTIONS_FILE"
    SHIPPED = questions.FILE
    questions: Annotated[list[Sentences], Field(min_length=1, max_length=520)]

    @field_validator("questions")
    @classmethod
    def _are_different(cls, asked: list[str]) -> list[str]:
        if len(set(map(fold, asked))) < len(asked):
            raise ValueError("must not have an entry twice")
        return asked

    @property
    @override
    def size(self) -> str:
        return f"questions: {len(self.questions)}"

    @staticmethod
    @override
    def between(document: object) -> Iterator[Mistake]:
        del document
        yield from ()


# --- levels ---


class ClassEntry(Entry):
    first_level: XpLevel
    title: Title
    color: Annotated[str, line(7, "#[0-9A-Fa-f]{6}", "a colour like #8D99AE")]


class LevelsFile(ContentFile):
    """The classes of the XP levels; they are ours alone."""

    SHIPPED = levels.FILE
    classes: Annotated[list[ClassEntry], Field(min_length=1, max_length=LEVELS)]

    @property
    @override
    def size(self) -> str:
        return f"classes: {len(self.classes)}"

    @staticmethod
    @override
    def between(document: object) -> Iterator[Mistake]:
        starts = [(place, entry.get("first_level")) for place, entry in entries(document, "classes")]
        if starts and starts[0][1] != 1:
            yield (*starts[0][0], "first_level"), "must be 1: every level needs a class"
        for (_, lower), (place, higher) in pairwise(starts):
            if isinstance(lower, int) and isinstance(higher, int) and higher <= lower:
                yield (*place, "first_level"), "must be above that of the class before"


OWN: tuple[type[ContentFile], ...] = (ChallengesFile, StatsFile, FlagsFile, CourseFile, QuestionsFile)
"""The files that a community can bring."""
