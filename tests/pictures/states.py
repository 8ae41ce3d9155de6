"""Figures at their edges: nothing yet, the first day, all there is, the longest names, names from right to left."""

from __future__ import annotations

from copy import replace
from typing import Any, cast

from mastermind.game.raids.rules import RaidStatus
from mastermind.pictures.figures import (
    Amount,
    Balance,
    Card,
    Compare,
    Figures,
    Mark,
    Note,
    Person,
    Place,
    Podium,
    Progress,
    Report,
    Run,
    ServerWeek,
    Stack,
    Tile,
    Trend,
    Week,
    Year,
)
from tests.pictures.samples import BLUE, CARD, GREY, RAID, RIVAL, SERVER_WEEK, USUAL, WEEK

WIDEST = Person(400, "W" * 32)
HEBREW = Person(401, "נועה כהן 12")
ARABIC = Person(402, "نورة القحطاني")
DEVANAGARI = Person(403, "श्रेया त्रिपाठी")
THAI = Person(404, "น้ำผึ้ง ใจดี")
CHINESE = Person(405, "王小明 繁體")
JAPANESE = Person(406, "東京タワーの花子")
KOREAN = Person(407, "김하늘")
EMOJI = Person(408, "🔥 Nova 👩‍👩‍👧‍👦🇩🇪")
FANCY = Person(409, "𝓝𝓸𝓿𝓪 ★彡")
HOSTILE = Person(410, "</text><image href='file:///etc/passwd'/>&x;")
NOTHING = Person(411, "\u3164\u200b")

EVERY_SCRIPT = (HEBREW, ARABIC, DEVANAGARI, THAI, CHINESE, JAPANESE, KOREAN, EMOJI, FANCY, HOSTILE)


def everybody(figures: Figures, person: Person) -> Figures:
    """The figures with this person in the place of everybody."""
    return _with(figures, person)


def _with(value: Any, person: Person) -> Any:  # noqa: ANN401 # whatever the figures hold
    if isinstance(value, Person):
        return person
    if isinstance(value, tuple):
        return tuple(_with(each, person) for each in cast("tuple[object, ...]", value))
    if not hasattr(value, "__match_args__"):
        return value
    return replace(value, **{name: _with(getattr(value, name), person) for name in value.__match_args__})


NEW_CARD = Card(
    person=NOTHING,
    title="Awkward Initiate",
    color=GREY,
    level=1,
    xp=0,
    gained=0,
    span=500,
    rank=0,
    members=1,
    run=Run(0, 0, 0, (*(Mark.AHEAD,) * 13, Mark.GRACE)),
    balance=Balance("New Initiate", 0, 0),
    challenges=0,
    milestone=10,
)

FIRST_DAY = replace(
    NEW_CARD,
    person=Person(412, "Mio"),
    xp=100,
    gained=100,
    rank=15,
    members=15,
    run=Run(1, 1, 0, (*(Mark.AHEAD,) * 13, Mark.LOGGED)),
    balance=Balance("Warrior", 3, 1),
    challenges=1,
    faction="Noctivores",
    proud=(Amount("Hellos To Strangers", 1, "👋"),),
)

FULL_CARD = replace(
    CARD,
    title="Galactic Mastermind",
    color=0xFFD700,
    level=50,
    xp=300_000,
    gained=0,
    span=0,
    rank=1_234,
    members=12_345,
    run=Run(1_234, 1_234, 2, (Mark.LOGGED,) * 14),
    balance=Balance("Templar", 81_234, 79_990),
    challenges=303,
    milestone=0,
    climbed=1_111,
    proud=tuple(Amount("Confidence-Tension Journal", 123_456, "👋") for _ in range(3)),
)

EMPTY_DAYS = (0,) * 30

STATES: dict[str, Figures] = {
    "card-empty": NEW_CARD,
    "card-first-day": FIRST_DAY,
    "card-full": FULL_CARD,
    "card-longest": everybody(FULL_CARD, WIDEST),
    "compare-empty": Compare(NEW_CARD, FIRST_DAY),
    "compare-longest": everybody(
        Compare(FULL_CARD, replace(RIVAL, title="Galactic Mastermind"), ((FULL_CARD.proud[0], FULL_CARD.proud[0]),)),
        WIDEST,
    ),
    "progress-empty": Progress(NOTHING, GREY, "2026-11-29", 30, ()),
    "progress-first-day": Progress(
        FIRST_DAY.person,
        GREY,
        "2026-11-29",
        30,
        (Stack("Challenges", (*EMPTY_DAYS[:-1], 100)),),
        (Trend("State", "of 10", 1, 10, (*(None,) * 29, 6)), Trend("Mage points", "%", 0, 100, (None,) * 30)),
    ),
    "progress-full": Progress(
        WIDEST,
        0xFFD700,
        "2026-11-29",
        365,
        tuple(
            Stack(name, (99_999,) * 365)
            for name in ("Core social", "Dating", "Inner work", "Learning", "Daily state", "Challenges")
        ),
        tuple(Trend("Responses per number", "%", 0, 100, (100.0,) * 365) for _ in range(4)),
    ),
    "year-empty": Year(NOTHING, GREY, "2025-11-30", (0,) * 365, (Mark.MISSED,) * 365, 0),
    "year-first-day": Year(FIRST_DAY.person, GREY, "2026-11-29", (100,), (Mark.LOGGED,), 1),
    "year-full": Year(WIDEST, 0xFFD700, "2025-11-24", (9_999,) * 371, (Mark.LOGGED,) * 371, 1_234),
    "podium-empty": Podium("XP this week, 23 to 29 November 2026", "XP", ()),
    "podium-first-day": Podium("XP of all time", "XP", (Place(1, FIRST_DAY.person, 100, 1, GREY),)),
    "podium-full": Podium(
        "Confidence-Tension Journal this month, 28 December 2026 to 3 January 2027",
        "Confidence-Tension Journal",
        tuple(Place(1 if number < 3 else number, WIDEST, 123_456_789, 50, 0xFFD700) for number in range(1, 11)),
    ),
    "podium-scripts": Podium(
        "XP of all time",
        "XP",
        tuple(
            Place(number, person, 9_000 - 700 * number, 20 - number, BLUE)
            for number, person in enumerate(EVERY_SCRIPT, 1)
        ),
    ),
    "week-empty": Week(
        NOTHING, GREY, "2026-11-23", (0,) * 7, (0,) * 7, (Tile("XP", 0), Tile("Challenges", 0, 4, "🎯"))
    ),
    "week-full": replace(
        WEEK,
        person=WIDEST,
        xp=(99_999,) * 7,
        tiles=tuple(Tile("Confidence-Tension Journal", 1_234_567, 7, "📓") for _ in range(4)),
        badge=Note("New: The Longest Badge That There Is", "W" * 60 + " and many more words that do not fit at all"),
    ),
    "server-week-empty": ServerWeek("2026-11-23", "A quiet week: nobody was greeted", ()),
    "server-week-longest": everybody(SERVER_WEEK, WIDEST),
    "raid-empty": replace(RAID, total=0, members=0, top=()),
    "raid-won": replace(RAID, status=RaidStatus.COMPLETED, total=12_345),
    "raid-over": replace(RAID, status=RaidStatus.FAILED, total=1),
    "raid-longest": everybody(RAID, WIDEST),
    "report-few": Report("2026-11-23", (Tile("Active", 5), Tile("Members", 7, sign="🧑"))),
    "report-full": Report(
        "2026-12-28",
        tuple(Tile("Confidence-Tension Journal", 1_234_567, 7, "📓") for _ in range(4)),
        tuple(Amount("Confidence-Tension Journal", 1_234_567) for _ in range(5)),
    ),
    **{
        f"{called}-right-to-left": everybody(USUAL[called], ARABIC)
        for called in USUAL
        if called not in {"progress-90", "progress-365"}
    },
}
"""By the picture and the state."""

EVERY: dict[str, Figures] = USUAL | STATES
