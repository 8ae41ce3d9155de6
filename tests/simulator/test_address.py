"""The page keeps its address, as long as nobody else has taken it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from devkit.listener import Listener, Request
from simulator import address

if TYPE_CHECKING:
    from pathlib import Path

begin = partial(Listener, Request, None)


def test_it_is_the_same_after_each_start_and_after_a_start_elsewhere(tmp_path: Path):
    first, taken = address.listen(tmp_path, begin)
    assert taken == 0
    elsewhere, taken = address.listen(tmp_path, begin)
    assert (taken, elsewhere.secret) == (first.port, first.secret)
    assert elsewhere.port != first.port
    first.stop()
    elsewhere.stop()
    again, taken = address.listen(tmp_path, begin)
    assert (taken, again.url) == (0, first.url)
    again.stop()


def test_only_its_user_can_read_it(tmp_path: Path):
    address.listen(tmp_path, begin)[0].stop()
    assert (tmp_path / address.FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("written", ["", "no JSON", "[]", "{}", '{"port": "x", "secret": ""}'])
def test_a_file_that_cannot_be_read_is_written_again(tmp_path: Path, written: str):
    (tmp_path / address.FILE).write_text(written)
    first, taken = address.listen(tmp_path, begin)
    first.stop()
    again, _ = address.listen(tmp_path, begin)
    again.stop()
    assert (taken, again.url) == (0, first.url)
