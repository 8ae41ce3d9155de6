"""The personas of the page: members, those above them, people who must be refused, and a bot. Stored between runs."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from devkit.discord_client import Place, User, snowflake
from mastermind import strict_json
from mastermind.discord.permissions import ADMINISTRATOR, BAN_MEMBERS, MODERATE_MEMBERS
from mastermind.typed import UNWANTED, is_visible

if TYPE_CHECKING:
    from pathlib import Path

FILE = "personas.json"
LONGEST_NAME = 32  # characters: Discord's own limit for a display name
MOST = 50  # personas, so that the picker stays usable

OWNER_ID = 1_290_000_000_000_000_001
MODERATOR_ROLE_ID = 1_290_000_000_000_000_002
"""The owner and the moderators' role of the local game: parameters of its stack."""

ADMIN_ROLE_ID, BOT_ROLE_ID = 1_290_000_000_000_000_003, 1_290_000_000_000_000_004
ANNOUNCEMENTS_CHANNEL_ID = 1_290_000_000_000_000_010
GENERAL_CHANNEL_ID = 1_290_000_000_000_000_011

PERMISSIONS = {"owner": ADMINISTRATOR, "admin": ADMINISTRATOR, "moderator": MODERATE_MEMBERS | BAN_MEMBERS}
ROLES = {"moderator": (MODERATOR_ROLE_ID,)}
KINDS = {"member", "owner", "admin", "moderator", "bot", "stranger", "direct"}
"""The kinds of persona. A bot can be named and not played; a stranger writes from another server, "direct" in a direct
message."""

FIRST = (
    ("Alex", "member"),
    ("Sam", "member"),
    ("Robin", "member"),
    ("Kim", "admin"),
    ("Jo", "moderator"),
    ("Max", "stranger"),
    ("Pat", "direct"),
    ("Olga", "owner"),
    ("Robot", "bot"),
)


class PersonaError(ValueError):
    """A persona cannot be created, or does not exist; says why."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A person to play; `user_id` is a snowflake as text, as in Discord's JSON."""

    id: str
    name: str
    kind: str
    user_id: str

    @property
    def user(self) -> User:
        """The Discord user, with permissions and roles."""
        permissions, roles = PERMISSIONS.get(self.kind, 0), ROLES.get(self.kind, ())
        return User(int(self.user_id), self.name, permissions, roles, bot=self.kind == "bot")

    def place(self, application_id: int, guild_id: int | None) -> Place:
        """Where they use an application: our server, another one, or a direct message (`guild_id` None)."""
        if guild_id is None or self.kind == "direct":
            return Place(application_id, None)
        return Place(application_id, guild_id + 1 if self.kind == "stranger" else guild_id)


class Personas:
    """All of them, in a file of `folder`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()
        self._known: dict[str, Persona] = {}
        for fields in self._read():
            persona = Persona(**fields)
            self._known[persona.id] = persona
        if not self._known:
            for name, kind in FIRST:
                self.add(name, kind)

    def all(self) -> tuple[Persona, ...]:
        return tuple(self._known.values())

    def find(self, persona_id: object) -> Persona:
        """The persona of an id; raises PersonaError."""
        found = self._known.get(str(persona_id))
        if found is None:
            raise PersonaError("there is no such persona")
        return found

    def add(self, name: object, kind: object) -> Persona:
        """Create and store one; raises PersonaError."""
        said = " ".join(str(name).split())
        if not is_visible(said) or len(said) > LONGEST_NAME:
            raise PersonaError(f"a name has 1 to {LONGEST_NAME} characters")
        if UNWANTED.search(said):
            raise PersonaError("a name has no control characters")
        if kind not in KINDS:
            raise PersonaError(f"a persona is one of {', '.join(sorted(KINDS))}")
        with self._lock:
            if kind == "owner" and any(one.kind == "owner" for one in self._known.values()):
                raise PersonaError("there is one owner")
            if len(self._known) >= MOST:
                raise PersonaError(f"there are {MOST} personas already; no more can be added")
            made = Persona(
                f"p{len(self._known) + 1}", said, str(kind), str(OWNER_ID if kind == "owner" else snowflake())
            )
            self._known[made.id] = made
            self._write()
        return made

    def _read(self) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", strict_json.loads(self._file.read_bytes())) if self._file.exists() else []

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps([asdict(persona) for persona in self._known.values()], indent=2), encoding="utf-8")
        fresh.replace(self._file)
