"""What is remembered of each alarm between two invocations: one SSM parameter for each, below one path.

One for each alarm, so that two invocations at once never overwrite each other's, and the whole never grows.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from mastermind.gateways.sdk import asked, client
from mastermind.operations.alerts.rules import Note, Outage, Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mastermind.deadline import Deadline

LARGEST = 4096  # bytes of a standard parameter
LONGEST = 200  # characters of one text
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_.-]")

type Json = Mapping[str, Any]


class Store(Protocol):
    """SSM's Parameter Store, as far as it is needed."""

    def get_parameter(self, *, Name: str) -> Json: ...  # noqa: N803 # AWS's own words

    def put_parameter(self, *, Name: str, Value: str, Type: str, Overwrite: bool) -> Json: ...  # noqa: N803 # the same

    def get_parameters_by_path(self, *, Path: str, **more: str) -> Json: ...  # noqa: N803 # the same


class Notes:
    """The notes below `path`; every method raises Unavailable when SSM does not answer as it should."""

    def __init__(self, path: str, store: Store) -> None:
        self._path, self._store = path, store

    def of(self, alarm: str, deadline: Deadline) -> Note | None:
        """What is remembered of an alarm; None when nothing is, or nothing that we could read."""
        return _read(asked("SSM", lambda: self._value(self._name(alarm)), deadline))

    def keep(self, note: Note, deadline: Deadline) -> None:
        """Remember it in place of what was remembered of that alarm."""
        name, text = self._name(note.alarm), _written(note)
        put = partial(self._store.put_parameter, Name=name, Value=text, Type="String", Overwrite=True)
        asked("SSM", put, deadline)

    def folded(self, deadline: Deadline) -> list[Note]:
        """What is left for the recovery to tell, held or folded, in the order in which it began."""
        notes = filter(None, map(_read, asked("SSM", lambda: list(self._values()), deadline)))
        waiting = (one for one in notes if one.outage is None and one.told is not Told.YES)
        return sorted(waiting, key=lambda note: note.began)

    def _value(self, name: str) -> str:
        from botocore.exceptions import ClientError

        try:
            return str(self._store.get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ParameterNotFound":
                return ""
            raise

    def _values(self) -> Iterator[str]:
        page = self._store.get_parameters_by_path(Path=self._path)
        while True:
            yield from (str(found["Value"]) for found in page["Parameters"])
            if not page.get("NextToken"):
                return
            page = self._store.get_parameters_by_path(Path=self._path, NextToken=page["NextToken"])

    def _name(self, alarm: str) -> str:
        return f"{self._path}/{_NOT_IN_NAMES.sub('-', alarm)[:LONGEST]}"


def _written(note: Note) -> str:
    """The note as JSON that fits; of too much that failed the last is left out."""
    text = json.dumps(_fields(note), ensure_ascii=False)
    if len(text.encode()) <= LARGEST or note.outage is None or not note.outage.failed:
        return text
    return _written(replace(note, outage=replace(note.outage, failed=note.outage.failed[:-1])))


def _fields(note: Note) -> Json:
    outage = note.outage
    return {
        "alarm": note.alarm[:LONGEST],
        "what": note.what[:LONGEST],
        "runbook": note.runbook[:LONGEST],
        "rings": note.rings,
        "began": note.began.isoformat(),
        "changed": note.changed.isoformat(),
        "told": str(note.told),
        "is_outage": outage is not None,
        "since": outage.since.isoformat() if outage and outage.since else None,
        "failed": [line[:LONGEST] for line in outage.failed] if outage else [],
    }


def _read(value: str) -> Note | None:
    """The note that was written, or None: what nobody can read is as good as forgotten."""
    try:
        fields = cast("Json", json.loads(value))
        since = fields["since"]
        outage = Outage(datetime.fromisoformat(since) if since else None, tuple(map(str, fields["failed"])))
        return Note(
            alarm=str(fields["alarm"]),
            what=str(fields["what"]),
            runbook=str(fields["runbook"]),
            rings=fields["rings"] is True,
            began=datetime.fromisoformat(fields["began"]),
            changed=datetime.fromisoformat(fields["changed"]),
            told=Told(fields["told"]),
            outage=outage if fields["is_outage"] else None,
        )
    except (ValueError, KeyError, TypeError):
        return None


def notes(path: str) -> Notes:
    """The real ones."""
    return Notes(path, client("ssm"))
