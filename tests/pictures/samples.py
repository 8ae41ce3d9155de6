"""Figures to draw: each picture as it usually is."""

from __future__ import annotations

from datetime import date, timedelta

from mastermind.game.days.marks import Mark
from mastermind.game.raids.rules import RaidStatus
from mastermind.pictures.figures import (
    Amount,
    Balance,
    Card,
    Compare,
    FactionWeek,
    Figures,
    Honour,
    Note,
    Person,
    Place,
    Podium,
    Progress,
    RaidState,
    Report,
    Run,
    ServerWeek,
    Stack,
    Tile,
    Trend,
    Week,
    Year,
)

BLUE, GREY, GOLD, GREEN, ROSE, VIOLET = 0x5DADE2, 0x8D99AE, 0xFFD700, 0x58D68D, 0xEC7063, 0x8E7CFF

NOVA, LENA, SAM = Person(101, "Nova"), Person(102, "Lena"), Person(103, "Sam")

LAST_DAYS = (
    *(Mark.MISSED, Mark.MISSED, Mark.LOGGED, Mark.LOGGED, Mark.LOGGED, Mark.PAUSE, Mark.PAUSE),
    *(Mark.LOGGED, Mark.LOGGED, Mark.FREEZE, Mark.LOGGED, Mark.OUTAGE, Mark.LOGGED, Mark.GRACE),
)

CARD = Card(
    person=NOVA,
    title="Social Squire",
    color=BLUE,
    level=5,
    xp=4_866,
    gained=366,
    span=1_200,
    rank=11,
    members=15,
    run=Run(length=8, longest=12, freezes=1, days=LAST_DAYS),
    balance=Balance("Warrior", 74, 26),
    challenges=7,
    milestone=10,
    faction="Luminarchs",
    climbed=2,
    proud=(Amount("Hellos To Strangers", 52, "👋"), Amount("Approaches", 14, "💬"), Amount("Grounding", 9, "🧘")),
    days_like_these=5,
)

RIVAL = Card(
    person=LENA,
    title="Bold Explorer",
    color=0x48C9B0,
    level=11,
    xp=13_420,
    gained=620,
    span=1_800,
    rank=3,
    members=15,
    run=Run(length=31, longest=31, freezes=2, days=(Mark.LOGGED,) * 14),
    balance=Balance("Templar", 210, 190),
    challenges=41,
    milestone=50,
    faction="Noctivores",
    climbed=0,
)

COMPARE = Compare(
    CARD,
    RIVAL,
    (
        (Amount("Hellos To Strangers", 52), Amount("Hellos To Strangers", 310)),
        (Amount("Approaches", 14), Amount("Approaches", 66)),
        (Amount("Grounding", 9), Amount("Grounding", 0)),
    ),
)


def xp_of(days: int, start: int = 0, size: int = 100) -> tuple[int, ...]:
    """XP that looks lived, and is the same in each run: some days are empty, whatever the category."""
    drawn = ((start + day) * (start + day + 3) * 7_919 % 23 for day in range(days))
    return tuple(0 if each < 6 or day * day % 11 == 4 else each * size // 4 for day, each in enumerate(drawn))


def progress(days: int, person: Person = NOVA) -> Progress:
    return Progress(
        person,
        BLUE,
        "2026-11-29",
        days,
        (
            Stack("Core social", xp_of(days, 1)),
            Stack("Inner work", xp_of(days, 5, 60)),
            Stack("Learning", tuple(250 if day % 9 == 4 and day * day % 11 != 4 else 0 for day in range(days))),
            Stack("Challenges", xp_of(days, 3, 40)),
        ),
        (
            Trend(
                "State",
                "of 10",
                1,
                10,
                tuple(None if day % 5 == 3 else 5 + day * day % 4 + day // (days / 2) for day in range(days)),
            ),
            Trend("Numbers per approach", "%", 0, 100, tuple(min(60, 12 + day * 13 // 11) for day in range(days))),
            Trend("Mage points", "%", 0, 100, tuple(20 + day * 31 // days for day in range(days))),
        ),
    )


def year(days: int = 365, person: Person = NOVA) -> Year:
    first = date(2026, 11, 29) - timedelta(days - 1)
    special = {40: Mark.FREEZE, 41: Mark.FREEZE, 60: Mark.REST, 90: Mark.OUTAGE, 200: Mark.TRAVEL, days - 1: Mark.GRACE}
    special |= dict.fromkeys(range(120, 134), Mark.PAUSE)
    xp = tuple(0 if day in special else each for day, each in enumerate(xp_of(days)))
    marks = tuple(special.get(day, Mark.LOGGED if each else Mark.MISSED) for day, each in enumerate(xp))
    return Year(person, GREEN, first.isoformat(), xp, marks, 23)


NAMES = ("Lena", "Tariq", "Ida", "Nova", "Sam", "Mio", "Ravi", "Jo", "Freja", "Bo")

PODIUM = Podium(
    "XP this week, 23 to 29 November 2026",
    "XP",
    tuple(
        Place(number, Person(200 + number, called), 4_280 - 390 * number, 14 - number, color)
        for number, (called, color) in enumerate(
            zip(NAMES, (0x48C9B0, BLUE, GOLD, BLUE, GREY, ROSE, VIOLET, GREEN, BLUE, GREY), strict=True), 1
        )
    ),
)

WEEK = Week(
    NOVA,
    BLUE,
    "2026-11-23",
    (100, 250, 160, 130, 250, 160, 362),
    (0, 130, 0, 0, 40, 100, 160),
    (
        Tile("XP", 1_412, 1_023),
        Tile("Approaches", 6, 4, "👋"),
        Tile("Challenges", 3, 3, "🎯"),
        Tile("Longest streak", 6, None, "🔥"),
    ),
    Note("New: Seven Hellos", "seven strangers greeted in one day"),
    Note("Next week's small goal", "8 approaches: one more than your best week"),
)

SERVER_WEEK = ServerWeek(
    "2026-11-23",
    "412 strangers were greeted this week",
    (
        Tile("Hellos", 412, 366, "👋"),
        Tile("Approaches", 96, 101, "💬"),
        Tile("Challenges", 58, 58, "🎯"),
        Tile("Members", 15, 13, "🧑"),
    ),
    (FactionWeek("Luminarchs", 11_240, 1_405), FactionWeek("Noctivores", 8_930, 1_276)),
    (
        Honour("Most consistent", LENA, "7 days of 7"),
        Honour("Most improved", NOVA, "389 XP more than the week before"),
        Honour("First challenge", SAM, "said hello to a mirror"),
    ),
    "Raid 4 was won with 1,240 of 1,000 points",
)

RAID = RaidState(
    "Warrior raid 5",
    0xC0392B,
    RaidStatus.ACTIVE,
    718,
    1_000,
    6,
    tuple(
        Place(number, Person(300 + number, called), 300 - 60 * number, 5, BLUE)
        for number, called in enumerate(NAMES[:3], 1)
    ),
    250,
)

REPORT = Report(
    "2026-11-23",
    (
        Tile("Active", 61, 58, "🙌"),
        Tile("Members", 214, sign="🧑"),
        Tile("New", 9, sign="🌱"),
        Tile("Came back", 49, sign="🔁"),
    ),
    tuple(
        Amount(called, members)
        for called, members in (
            ("Hellos To Strangers", 44),
            ("Approaches", 31),
            ("SBMM Meditation", 22),
            ("Numbers", 12),
            ("Course Module", 5),
        )
    ),
)

USUAL: dict[str, Figures] = {
    "card": CARD,
    "compare": COMPARE,
    "progress-30": progress(30),
    "progress-90": progress(90),
    "progress-365": progress(365),
    "year": year(),
    "podium": PODIUM,
    "week": WEEK,
    "server-week": SERVER_WEEK,
    "raid": RAID,
    "report": REPORT,
}
