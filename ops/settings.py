"""The settings file: which stack in which region, its parameters, and the channels; every command reads it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping  # noqa: TC003 # pydantic reads the annotations
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tomlkit
import typer
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from local.cloud import ROOT
from ops import given, template
from ops.discord import fail

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = ROOT / "settings.toml"
VARIABLE = "OPS_SETTINGS"
SettingsFile = Annotated[
    Path,
    typer.Option(
        "--settings",
        envvar=VARIABLE,
        parser=given.new_file,
        show_default=False,
        help="The settings file of the game. Default: settings.toml.",
    ),
]

HEAD = """\
# The settings of a game. `.venv/bin/ops init` writes them, and every command reads them. No secret belongs here.
# A parameter that you change takes effect with the next `.venv/bin/ops deploy`; template.yaml explains each.
"""

type Id = Annotated[str, Field(pattern=r"^[0-9]{15,20}$")]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Settings:
    """What is in the file; empty where nothing is. `channels` are ids by what they are for."""

    stack: str = ""
    region: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    channels: Mapping[str, Id] = field(default_factory=dict[str, str])

    @property
    def overrides(self) -> list[str]:
        """The parameters, each as Name=Value."""
        return [f"{name}={value}" for name, value in self.parameters.items()]

    def discord_id(self, parameter: str) -> int | None:
        """The id in a parameter; None if there is none."""
        return int(self.parameters.get(parameter, "0")) or None


_SETTINGS = TypeAdapter(Settings)


def read(file: Path) -> Settings:
    """Raises typer.Exit for a file that cannot be what this tool wrote, with what is wrong in it."""
    try:
        found = _SETTINGS.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
        return _checked(found)
    except FileNotFoundError:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        fail(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}.")
    except typer.BadParameter as error:
        fail(f"{file}: {error.message}.")
    except (ValueError, OSError) as error:
        fail(f"{file} cannot be read: {error}")


def _checked(found: Settings) -> Settings:
    for check, value in ((given.stack, found.stack), (given.region, found.region)):
        if value:
            check(value)
    for one in found.overrides:
        template.parameter(one)
    return found


def write(file: Path, settings: Settings) -> None:
    """Write it whole or not at all, readable by its owner only; an operator's own comments in it stay."""
    document = tomlkit.parse(file.read_text(encoding="utf-8") if file.exists() else HEAD)
    document["stack"], document["region"] = settings.stack, settings.region
    for table, values in (("parameters", settings.parameters), ("channels", settings.channels)):
        _put(document.setdefault(table, tomlkit.table()), values)
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(tomlkit.dumps(document), encoding="utf-8")
    fresh.replace(file)


def _put(table: Any, values: Mapping[str, str]) -> None:  # noqa: ANN401 # tomlkit leaves it open
    for name in [one for one in table if one not in values]:
        del table[name]
    for name, value in values.items():
        if table.get(name) != value:
            table[name] = value


# --- for the commands ---


def file_of(context: typer.Context) -> Path:
    """The file that the operator named, or the usual one."""
    named = context.find_root().params.get("settings_file")
    return named if isinstance(named, Path) else Path(os.environ.get(VARIABLE) or FILE)


def of(context: typer.Context) -> Settings:
    return read(file_of(context))


def defaults(settings: Settings, file: Path, commands: Sequence[str]) -> dict[str, dict[str, str]]:
    """What each command takes where the operator names nothing, as click wants it."""
    where = {"stack": settings.stack, "region": settings.region}
    found = {name: {key: value for key, value in where.items() if value} for name in commands}
    buttons = {
        "list_channel": "posts",
        "leaderboard_channel": "posts",
        "start_channel": "posts",
        "today_channel": "posts",
        "home_channel": "admins",
    }
    channels = {option: settings.channels[one] for option, one in buttons.items() if one in settings.channels}
    found["post-buttons"] |= channels | ({"state": str(buttons_file(file))} if channels else {})
    return found


def buttons_file(file: Path) -> Path:
    """Where the ids of posted messages are kept, beside the settings."""
    return file.with_name("buttons.json")


def region_of_the_stack(context: typer.Context, param: typer.CallbackParam, value: str | None) -> str | None:
    """AWS_REGION counts for a stack that the operator names; that of the settings has its own region."""
    sources = [context.get_parameter_source(name) for name in ("stack", str(param.name))]
    if [one and one.name for one in sources] == ["DEFAULT_MAP", "ENVIRONMENT"]:
        return (context.default_map or {}).get("region", value)
    return value
