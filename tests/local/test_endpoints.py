"""One local cloud has a folder; others may look whether one has it, at any moment."""

from __future__ import annotations

import fcntl
import threading
from typing import TYPE_CHECKING

from local import endpoints
from tests.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path


def test_one_local_cloud_takes_a_folder_and_leaves_it_when_it_ends(tmp_path: Path):
    file = tmp_path / endpoints.LOCK
    assert not endpoints.is_taken(tmp_path)
    with file.open("a+") as first, file.open("a+") as second:
        assert endpoints.take(first)
        assert endpoints.is_taken(tmp_path)
        assert not endpoints.take(second)
    assert not endpoints.is_taken(tmp_path)


def test_who_only_looks_keeps_no_local_cloud_from_its_folder(tmp_path: Path):
    taken = list[bool]()
    with (tmp_path / endpoints.LOCK).open("a+") as starting, (tmp_path / endpoints.LOCK).open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        thread = threading.Thread(target=lambda: taken.append(endpoints.take(starting)))
        thread.start()
        thread.join(0.1)
        assert taken == []
        fcntl.flock(looking, fcntl.LOCK_UN)
        wait_for(lambda: taken == [True])
        assert endpoints.is_taken(tmp_path)
        thread.join()
