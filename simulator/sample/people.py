"""Who is in the sample community, and how each of them plays."""

from __future__ import annotations

from dataclasses import dataclass

from mastermind.game.members.rhythm import Rhythm

WEEKS = 8


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who plays. They came `came` days ago and, unless `left` is 0, did nothing in the last `left` days.

    `active` is the share of days on which they log something, `inner` how much of it is inner work (0 to 1), `ticks`
    how many challenges they tick on such a day, `lessons` how much of the course they have watched. `paused` is how
    many days ago a pause began, -1 without one.
    """

    name: str
    came: int = WEEKS * 7
    left: int = 0
    active: float = 0.5
    inner: float = 0.3
    ticks: float = 0.6
    rhythm: Rhythm = Rhythm.DAILY
    zone: str = ""
    lessons: int = 0
    paused: int = -1
    hidden: bool = False
    shows: str = ""


PEOPLE = (
    Person("Alex", active=0.93, inner=0.5, ticks=1.0, lessons=5),
    Person("Sam", active=0.75, inner=0.1, ticks=1.2, rhythm=Rhythm.THRICE, lessons=2),
    Person("Robin", active=0.6, inner=0.35, ticks=0.8, lessons=3),
    Person("Kim", active=0.65, inner=0.5, ticks=0.5, lessons=9),
    Person("Jo", active=0.55, inner=0.8, ticks=0.3, lessons=6),
    Person("Olga", active=0.3, inner=0.45, ticks=0.3, rhythm=Rhythm.WEEKLY),
    Person("Amara", active=0.98, inner=0.2, ticks=1.8, rhythm=Rhythm.THRICE, lessons=4),
    Person("Bao", active=0.85, inner=0.9, ticks=0.2, zone="Asia/Ho_Chi_Minh", lessons=8),
    Person("Carmen", active=0.65, inner=0.05, ticks=1.2, zone="Europe/Madrid"),
    Person("Dario", active=0.35, inner=0.4, ticks=0.5),
    Person("Esra", came=49, active=0.8, inner=0.5, ticks=0.8, zone="Europe/Istanbul", lessons=3),
    Person("Finn", came=45, active=0.35, inner=0.2, ticks=0.5),
    Person("Goran", came=42, active=0.5, inner=0.7, ticks=0.3, paused=3),
    Person("Hana", came=40, active=0.8, inner=0.6, ticks=0.5, zone="Asia/Tokyo", lessons=2),
    Person("Irene", came=35, active=0.5, inner=0.25, ticks=0.8, shows="dating"),
    Person("Jonas", came=33, active=0.3, inner=0.3, ticks=0.4, rhythm=Rhythm.WEEKLY),
    Person("Kofi", came=30, active=0.65, inner=0.1, ticks=1.0, lessons=1),
    Person("Leila", came=28, active=0.45, inner=0.55, ticks=0.4, hidden=True),
    Person("Milo", left=26, active=0.4, inner=0.2, ticks=0.5),
    Person("Nadia", came=50, left=33, active=0.3, inner=0.6, ticks=0.4),
    Person("Oskar", came=21, active=0.6, inner=0.4, ticks=0.8),
    Person("Priya", came=12, active=0.9, inner=0.5, ticks=1.0, zone="Asia/Kolkata"),
    Person("Quinn", came=5, active=0.9, inner=0.3, ticks=0.9),
    Person("Rosa", came=1, active=1.0, inner=0.2, ticks=1.0),
)

NEWCOMER = "Wren"
"""They are in the server, and the game has never met them."""

RAIDERS = ("Amara", "Sam", "Carmen", "Alex", "Kofi", "Esra", "Irene", "Oskar")
