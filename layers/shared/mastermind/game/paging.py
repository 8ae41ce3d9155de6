"""Lists that are shown a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FARTHEST = 10**12
"""A page past the end of any list. Page numbers are limited to it, so that the database can calculate with them."""


@dataclass(frozen=True, slots=True)
class Page[Line]:
    """One page of a list: its lines, its number from 1, how many pages there are, and how many lines on all of them."""

    lines: tuple[Line, ...]
    number: int
    pages: int
    count: int


@dataclass(frozen=True, slots=True)
class Window:
    """The requested page, counted from 1, of a list with `size` lines a page; past the end it is the last page."""

    number: int
    size: int

    @property
    def before(self) -> int:
        """How many lines come before the page, if the list is long enough."""
        return (held(self.number, FARTHEST) - 1) * self.size

    def page[Line](self, lines: Iterable[Line], count: int) -> Page[Line]:
        """The page with these lines, of a list with `count` lines in all."""
        pages = page_count(count, self.size)
        return Page(tuple(lines), held(self.number, pages), pages, count)


def page_count(length: int, most: int) -> int:
    """How many pages a list takes with at most `most` entries on each; an empty list has one, empty page."""
    return max(1, -(-length // most))


def page_of[T](entries: Sequence[T], page: int, most: int) -> Sequence[T]:
    """The entries of a page, counted from 1.

    Pages are as even as they can be (13 by at most 8 are 7 and 6), so that no page has a single entry left over. A page
    beyond the end is the last one, because a list may shrink between two taps.
    """
    pages = page_count(len(entries), most)
    page = held(page, pages)
    size, longer = divmod(len(entries), pages)
    start = (page - 1) * size + min(page - 1, longer)
    return entries[start : start + size + (page <= longer)]


def held(page: int, pages: int) -> int:
    """The page itself when it exists, else the nearest one that does."""
    return min(max(page, 1), pages)
