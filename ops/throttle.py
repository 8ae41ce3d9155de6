"""`ops throttle`: how many requests the API accepts, lowered at once while somebody floods it, and put back."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ops import template
from ops.command_line import AsJson, RegionName, StackName, Yes, confirm, find_game, print_json
from ops.discord import fail
from ops.target import TargetError, call_aws
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from devkit.json_types import Json
    from ops.target import Target


class Level(StrEnum):
    """`normal` is what the template says."""

    NORMAL = "normal"
    LOW = "low"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Limit:
    """Requests a second that one method accepts, and at once; 0 and 0 refuse all."""

    rate: float
    burst: int

    def at(self, level: Level) -> Limit:
        """What a method with this limit in the template accepts at that level: never more."""
        match level:
            case Level.NORMAL:
                return self
            case Level.LOW:
                return Limit(min(self.rate, LOW.rate), min(self.burst, LOW.burst))
            case Level.CLOSED:
                return Limit(0, 0)

    def __str__(self) -> str:
        return f"{self.rate:g} a second, {self.burst} at once" if self.rate else "closed"


LOW = Limit(2, 5)


@dataclass(frozen=True, slots=True)
class Throttle:
    """The limits of one method: `path` is as API Gateway writes it, with ~1 for a slash."""

    path: str
    method: str
    by_template: Limit
    in_force: Limit

    @property
    def name(self) -> str:
        return f"{self.method} {self.path.removeprefix('/').replace('~1', '/')}"

    def changes(self, limit: Limit) -> Iterator[Json]:
        """What UpdateStage is asked (API Gateway API reference, Patch operations)."""
        place = f"{self.path}/{self.method}/throttling"
        yield {"op": "replace", "path": f"{place}/rateLimit", "value": f"{limit.rate:g}"}
        yield {"op": "replace", "path": f"{place}/burstLimit", "value": str(limit.burst)}


NOTICED = {
    Level.NORMAL: "Members notice nothing of it.",
    Level.LOW: (
        "Each bot then accepts two requests a second, a stranger's too: beyond that members read"
        ' "The application did not respond", and can try again.'
    ),
    Level.CLOSED: (
        'No command is then answered: members read "The application did not respond", and the health check reports the'
        " game as down. XP that is due still arrives, raids end, backups are made."
    ),
}
"""What members notice at each level."""


def throttle(
    level: Annotated[Level | None, typer.Argument(help="What to set; without it, what is in force is shown.")] = None,
    *,
    stack: StackName = None,
    region: RegionName = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Lower what the API accepts, at once and without a deploy, while somebody floods it; `normal` puts it back.

    A deploy keeps what is set here, and says so. The rights that it takes are in docs/Troubleshooting.md, Somebody
    floods the API.
    """
    with closing(find_game(stack, region)) as target:
        try:
            found = read(target)
            if level is not None:
                confirm(f"Set the API of {target} to {level}? {NOTICED[level]}", yes=yes)
                found = set_to(target, found, level)
        except TargetError as trouble:
            fail(f"The API's limits are as they were, or cannot be read: {trouble}")
    if as_json:
        print_json([{"method": one.name, **asdict(one)} for one in found])
    else:
        show(found)


def read(target: Target) -> tuple[Throttle, ...]:
    """The limits of each method, by the template and in force; raises TargetError."""
    api, settings = _api(), _in_force(target)
    return tuple(
        Throttle(one["ResourcePath"], one["HttpMethod"], by_template, settings.get(_key(one), by_template))
        for one in api["MethodSettings"]
        if (by_template := _limit(one, target)) is not None
    )


def set_to(target: Target, found: tuple[Throttle, ...], level: Level) -> tuple[Throttle, ...]:
    """Set the limits of every method, say who did it, and return what is in force then; raises TargetError."""
    changes = [change for one in found for change in one.changes(one.by_template.at(level))]
    named = {"restApiId": target.output("ApiId"), "stageName": _api()["StageName"]}
    who = call_aws(lambda: target.client("sts").get_caller_identity())["Arn"]
    call_aws(lambda: target.client("apigateway").update_stage(**named, patchOperations=changes))
    typer.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, by {who}:", err=True)
    after = read(target)
    for before, one in zip(found, after, strict=True):
        typer.echo(f"  {one.name}: {before.in_force} -> {one.in_force}", err=True)
    typer.echo("CloudTrail keeps it as UpdateStage. It holds everywhere within some seconds.", err=True)
    return after


def lowered(found: tuple[Throttle, ...]) -> list[str]:
    """The methods that accept something else than the template says, each with what it accepts."""
    return [f"{one.name} ({one.in_force})" for one in found if one.in_force != one.by_template]


def refuse_if_closed(target: Target) -> None:
    """Raise TargetError before a deploy whose check could not reach the API."""
    closed = [one.name for one in read(target) if one.by_template.rate and not one.in_force.rate]
    if closed:
        raise TargetError(
            f"{', '.join(closed)}: closed by `.venv/bin/ops throttle`. The check of this deploy could not reach the"
            " game, and the deploy would be rolled back. First: `.venv/bin/ops throttle low`, or `normal`."
        )


def report(target: Target) -> None:
    """Say after a deploy whether what the API accepts is what the template says."""
    if held := lowered(read(target)):
        typer.echo(f"Not as the template says: {', '.join(held)}. `.venv/bin/ops throttle normal` puts it back.")
    else:
        typer.echo("The API accepts what the template says.")


def show(found: tuple[Throttle, ...]) -> None:
    table = Table("method", "in force", "by the template", box=None)
    for one in found:
        table.add_row(one.name, str(one.in_force), str(one.by_template))
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    if lowered(found):
        console.print("[yellow]→[/] [bold].venv/bin/ops throttle normal[/] puts back what the template says.")


def _api() -> Json:
    ((_, api),) = template.own().resources("AWS::Serverless::Api")
    return api["Properties"]


def _in_force(target: Target) -> dict[str, Limit]:
    """The limits of the stage by path and method; API Gateway writes a path with slashes or with ~1."""
    named = {"restApiId": target.output("ApiId"), "stageName": _api()["StageName"]}
    stage = call_aws(lambda: target.client("apigateway").get_stage(**named))
    return {
        _plain(key): Limit(float(one["throttlingRateLimit"]), int(one["throttlingBurstLimit"]))
        for key, one in stage.get("methodSettings", {}).items()
    }


def _limit(setting: Mapping[str, Any], target: Target) -> Limit | None:
    """What the template says of a method, with the stack's parameters; None if it leaves it open."""
    if "ThrottlingRateLimit" not in setting:
        return None
    rate, burst = (setting[f"Throttling{which}Limit"] for which in ("Rate", "Burst"))
    return Limit(float(_value(rate, target)), int(_value(burst, target)))


def _value(written: Any, target: Target) -> str:  # noqa: ANN401 (a number, or a reference to a parameter)
    return target.parameters[written["Ref"]] if isinstance(written, dict) else str(written)


def _key(setting: Mapping[str, Any]) -> str:
    return _plain(f"{setting['ResourcePath']}/{setting['HttpMethod']}")


def _plain(key: str) -> str:
    return key.replace("~1", "/").strip("/")
