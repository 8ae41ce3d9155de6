"""The tables course_modules, course_lessons and course_progress: what the course consists of, and who watched what.

A member's progress changes behind the lock on their row; seeding locks no member.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.course.rules import Course, Lesson, Module, Stored
from mastermind.postgres.exchange import only, rows

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection, Cursor

# A module without lessons has nothing to open.
LISTED: LiteralString = """
SELECT
    modules.module_id, modules.title AS module_title, modules.about AS module_about, modules.level,
    lessons.lesson_id, lessons.title, lessons.about, lessons.minutes, lessons.link
FROM course_modules AS modules
JOIN course_lessons AS lessons USING (module_id)
WHERE modules.retired_at IS NULL AND lessons.retired_at IS NULL
ORDER BY modules.place, modules.module_id, lessons.place, lessons.lesson_id
"""


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A lesson and the module it stands in, as they are listed."""

    module_id: str
    module_title: str
    module_about: str
    level: int
    lesson_id: str
    title: str
    about: str
    minutes: int
    link: str


def listed(conn: Connection) -> Cursor[LessonRow]:
    """The lessons of the course as it is now, in order."""
    return rows(conn, LessonRow, LISTED)


def course(listed: Cursor[LessonRow]) -> Course:
    """The course that those rows are."""
    return Course(tuple(_module(list(group)) for _, group in groupby(listed, key=lambda row: row.module_id)))


# The ids of the rows are put together, so that each is found by the key of the ledger.
STANDING: LiteralString = """
SELECT
    users.xp,
    ARRAY(SELECT lesson_id FROM course_progress WHERE user_id = %(user_id)s) AS watched,
    ARRAY(
        SELECT module_id
        FROM course_modules
        JOIN xp_ledger ON source = 'course' AND kind = 'module' AND source_id = %(user_id)s::text || ':' || module_id
    ) AS paid,
    (
        SELECT count(*) FROM course_questions WHERE user_id = %(user_id)s AND answer IS NOT NULL AND seen_at IS NULL
    ) AS new_answers,
    (SELECT count(*) FROM course_questions WHERE user_id = %(user_id)s) AS questions
FROM users
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """What a member has of the course: their XP, lessons watched, modules paid, new answers and all questions."""

    xp: int = 0
    watched: frozenset[str] = frozenset()
    paid: frozenset[str] = frozenset()
    new_answers: int = 0
    questions: int = 0


def standing(conn: Connection, user_id: int) -> Cursor[CourseStanding]:
    """The member's progress in the course; no row for an unknown member."""
    return rows(conn, CourseStanding, STANDING, {"user_id": user_id}, watched=frozenset, paid=frozenset)


WATCH: LiteralString = """
INSERT INTO course_progress (user_id, lesson_id) VALUES (%(user_id)s, %(lesson_id)s)
ON CONFLICT (user_id, lesson_id) DO NOTHING
"""


def watch(conn: Connection, user_id: int, lesson_id: str) -> None:
    """Note that the member has watched a lesson."""
    conn.execute(WATCH, {"user_id": user_id, "lesson_id": lesson_id})


RETIRED: LiteralString = """
SELECT
    ARRAY(SELECT module_id FROM course_modules WHERE retired_at IS NOT NULL) AS modules,
    ARRAY(SELECT lesson_id FROM course_lessons WHERE retired_at IS NOT NULL) AS lessons
"""


@dataclass(frozen=True, slots=True)
class Retired:
    """The ids of what was taken from the course."""

    modules: list[str]
    lessons: list[str]


@dataclass(frozen=True, slots=True)
class Seeded:
    """The questions for what the database has of the course, on their way."""

    rows: Cursor[LessonRow]
    retired: Cursor[Retired]

    def read(self) -> Stored:
        retired = only(self.retired)
        return Stored(course(self.rows), retired.modules, retired.lessons)


def stored(conn: Connection) -> Seeded:
    """What was seeded before, on its way."""
    return Seeded(listed(conn), rows(conn, Retired, RETIRED))


# Two at once take turns; readers and members who watch are not kept waiting.
TAKE_TURN: LiteralString = "LOCK TABLE course_modules, course_lessons IN SHARE ROW EXCLUSIVE MODE"


def take_turn(conn: Connection) -> None:
    """Keep others from seeding until the transaction ends."""
    conn.execute(TAKE_TURN)


PUT_MODULES: LiteralString = """
INSERT INTO course_modules AS kept (module_id, place, title, about, level)
SELECT module_id, place, title, about, level
FROM jsonb_to_recordset(%(modules)s::jsonb)
    AS given (module_id text, place int, title text, about text, level int)
ON CONFLICT (module_id) DO UPDATE
SET place = EXCLUDED.place, title = EXCLUDED.title, about = EXCLUDED.about, level = EXCLUDED.level, retired_at = NULL
WHERE (kept.place, kept.title, kept.about, kept.level, kept.retired_at)
    IS DISTINCT FROM (EXCLUDED.place, EXCLUDED.title, EXCLUDED.about, EXCLUDED.level, NULL)
"""

PUT_LESSONS: LiteralString = """
INSERT INTO course_lessons AS kept (lesson_id, module_id, place, title, about, minutes, link)
SELECT lesson_id, module_id, place, title, about, minutes, link
FROM jsonb_to_recordset(%(lessons)s::jsonb)
    AS given (lesson_id text, module_id text, place int, title text, about text, minutes int, link text)
ON CONFLICT (lesson_id) DO UPDATE
SET module_id = EXCLUDED.module_id, place = EXCLUDED.place, title = EXCLUDED.title, about = EXCLUDED.about,
    minutes = EXCLUDED.minutes, link = EXCLUDED.link, retired_at = NULL
WHERE (kept.module_id, kept.place, kept.title, kept.about, kept.minutes, kept.link, kept.retired_at)
    IS DISTINCT FROM
    (EXCLUDED.module_id, EXCLUDED.place, EXCLUDED.title, EXCLUDED.about, EXCLUDED.minutes, EXCLUDED.link, NULL)
"""

RETIRE_LESSONS: LiteralString = """
UPDATE course_lessons SET retired_at = clock_timestamp() WHERE retired_at IS NULL AND lesson_id <> ALL(%(kept)s)
"""

RETIRE_MODULES: LiteralString = """
UPDATE course_modules SET retired_at = clock_timestamp() WHERE retired_at IS NULL AND module_id <> ALL(%(kept)s)
"""


def put(conn: Connection, wanted: Course) -> None:
    """Make the stored course this one: by ids, what is not there any more is retired; nothing is ever deleted."""
    modules, lessons = json.dumps(_modules(wanted)), json.dumps(_lessons(wanted))
    conn.execute(PUT_MODULES, {"modules": modules})
    conn.execute(PUT_LESSONS, {"lessons": lessons})
    conn.execute(RETIRE_LESSONS, {"kept": [lesson.id for lesson in wanted.lessons]})
    conn.execute(RETIRE_MODULES, {"kept": [module.id for module in wanted.modules]})


def _module(rows: list[LessonRow]) -> Module:
    first = rows[0]
    lessons = tuple(Lesson(row.lesson_id, row.title, row.about, row.minutes, row.link) for row in rows)
    return Module(first.module_id, first.module_title, first.module_about, first.level, lessons)


def _modules(wanted: Course) -> list[dict[str, object]]:
    return [
        {"module_id": it.id, "place": place, "title": it.title, "about": it.about, "level": it.level}
        for place, it in enumerate(wanted.modules, 1)
    ]


def _lessons(wanted: Course) -> list[dict[str, object]]:
    return [
        {
            "lesson_id": it.id,
            "module_id": module.id,
            "place": place,
            "title": it.title,
            "about": it.about,
            "minutes": it.minutes,
            "link": it.link,
        }
        for module in wanted.modules
        for place, it in enumerate(module.lessons, 1)
    ]
