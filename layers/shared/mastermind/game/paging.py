"""Lists that are shown a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def page_count(length: int, most: int) -> int:
    """How many pages a list takes with at most `most` entries on each; an empty list has one, empty page."""
    return max(1, -(-length // most))


def page_of[T](entries: Sequence[T], page: int, most: int) -> Sequence[T]:
    """The entries of a page, counted from 1.

    Pages are as even as they can be (13 by at most 8 are 7 and 6), so that no page is a lonely rest. A page beyond
    the end is the last one, because a list may shrink between two taps.
    """
    pages = page_count(len(entries), most)
    page = held(page, pages)
    size, longer = divmod(len(entries), pages)
    start = (page - 1) * size + min(page - 1, longer)
    return entries[start : start + size + (page <= longer)]


def held(page: int, pages: int) -> int:
    """The page itself when it exists, else the nearest one that does."""
    return min(max(page, 1), pages)
