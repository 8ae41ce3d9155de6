"""Files that were uploaded with messages: where Discord keeps them, and their attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from devkit.discord_client import snowflake
from devkit.discord_server.records import TOO_LARGE, Refused, Upload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devkit.json_types import Json

KEPT = 200  # files; older ones are forgotten

LARGEST = 10 * 1024 * 1024
"""Bytes of the files of one message, in a server that nobody has boosted."""


class Files:
    """The files by their numbers. `place` is where they are: the beginning of each URL."""

    def __init__(self) -> None:
        self.place = "https://cdn.discordapp.com/attachments"
        self._kept: dict[str, Upload] = {}

    def read(self, number: str, name: str) -> Upload:
        """One of them; raises KeyError."""
        found = self._kept[number]
        if found.name != name:
            raise KeyError(name)
        return found

    def take(self, message: Json, files: Sequence[Upload]) -> None:
        """Keep what came along with a message, and write its URLs into that; raises Refused."""
        if sum(len(file.content) for file in files) > LARGEST:
            raise Refused(*TOO_LARGE)
        urls = dict[str, str]()
        for one in _listed(message):
            if (place := str(one.get("id"))).isdigit() and int(place) < len(files):
                file = files[int(place)]
                urls[f"attachment://{file.name}"] = self._keep(one, file)
        _put_urls(message.get("components"), urls)

    def _keep(self, attachment: Json, file: Upload) -> str:
        """Note the file under a number of its own; returns its URL."""
        number = str(snowflake())
        url = f"{self.place}/{number}/{file.name}"
        self._kept[number] = file
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        attachment.update(id=number, filename=file.name, size=len(file.content), content_type=file.kind, url=url)
        return url


def changed(before: Json, change: Json) -> Json:
    """A message with a change: the files that the change names stay as they were known, and lead to their URLs."""
    known = {str(one.get("id")): one for one in _listed(before)}
    after = {**before, **change}
    if "attachments" in change:
        after["attachments"] = [known.get(str(one.get("id")), one) for one in _listed(change)]
    urls = {f"attachment://{one.get('filename')}": str(one.get("url")) for one in _listed(after)}
    _put_urls(after.get("components"), urls)
    return after


def _listed(message: Json) -> list[Json]:
    return cast("list[Json]", message.get("attachments") or [])


def _put_urls(value: object, urls: Mapping[str, str]) -> None:
    if isinstance(value, dict):
        part = cast("Json", value)
        if url := urls.get(str(part.get("url"))):
            part.update(url=url, proxy_url=url)
        for inner in list(part.values()):
            _put_urls(inner, urls)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            _put_urls(inner, urls)
