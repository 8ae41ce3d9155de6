"""What is made by chance in a scene, made the same each time: ids of interactions and awards, and keys of files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mastermind.bot import custom_ids
from tests.commands import moderating, playing
from tests.gallery import past

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.gallery.stage import Scene

SNOWFLAKE = re.compile(r"(?<!\d)\d{17,19}(?!\d)")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
CUSTOM_ID = re.compile(r'(?<="custom_id": ")1:[^"]*')
AWARD = re.compile(r"[0-9A-Za-z]{20,22}")
INTERACTION = re.compile(r"1[0-9A-Za-z]{10}")
CONNECTIONS = re.compile(r"\d+ of \d+ in use")


@dataclass
class Names:
    """What stands for a random id: the first one that is met is number 1."""

    known: dict[str, str] = field(default_factory=dict[str, str])

    def snowflake(self, found: re.Match[str]) -> str:
        if found[0] in PLACES | PEOPLE.keys():
            return found[0]
        return self.known.setdefault(found[0], str(1_400_000_000_000_000_000 + len(self.known) + 1))

    def uuid(self, found: re.Match[str]) -> str:
        number = f"{len(self.known) + 1:032x}"
        dashed = "-".join((number[:8], number[8:12], number[12:16], number[16:20], number[20:]))
        return self.known.setdefault(found[0], dashed if "-" in found[0] else number)

    def custom_id(self, found: re.Match[str]) -> str:
        """The same with a fixed revision, and a number for the key, for each award and for each interaction."""
        read = custom_ids.read(found[0])
        if read is None:
            return found[0]
        revision = "0000" if read.revision else ""
        arguments = tuple(self._number(each) if _is_random(each) else each for each in read.arguments)
        key = custom_ids.from_base62(self._number(str(read.key))) if read.key else 0
        return str(replace(read, revision=revision, key=key or 0, arguments=arguments))

    def _number(self, random: str) -> str:
        return self.known.setdefault(random, str(len(self.known) + 1))


def _is_random(argument: str) -> bool:
    is_interaction = INTERACTION.fullmatch(argument) and str(custom_ids.from_base62(argument)) not in PEOPLE
    return bool(AWARD.fullmatch(argument) or is_interaction)


KNOWN = (playing.ALEX, playing.SAM, moderating.ADA, moderating.BEN, moderating.MIA, moderating.MAX, *past.CROWD)
PEOPLE = {str(user.id): user.name for user in KNOWN}
PLACES = {*map(str, (playing.PLACE.application_id, playing.PLACE.guild_id, *playing.COMMAND_IDS.values()))}


def normalized(scenes: Sequence[Scene]) -> list[dict[str, object]]:
    """The scenes as the page and the file know them."""
    return [_normalized(scene) for scene in scenes]


def _normalized(scene: Scene) -> dict[str, object]:
    return {
        "name": scene.name,
        "state": scene.state,
        "kind": scene.kind,
        "by": scene.by,
        "at": int(scene.at.timestamp()),
        "private": scene.private,
        "people": {id_: name for id_, name in PEOPLE.items() if f"<@{id_}>" in json.dumps(scene.data)},
        "data": _plain(scene.data),
    }


def _plain(data: Mapping[str, object]) -> object:
    """With numbers counted from the start in each scene, so that a new scene changes no other."""
    names, text = Names(), json.dumps(data, ensure_ascii=False)
    text = CUSTOM_ID.sub(names.custom_id, text)
    text = UUID.sub(names.uuid, text)
    text = SNOWFLAKE.sub(names.snowflake, text)
    return json.loads(CONNECTIONS.sub("9 of 70 in use", text))
