"""Make `openapi.json` beside this file: the part of Discord's API description that our JSON is checked against.

Source: https://github.com/discord/discord-api-spec (MIT licence, Discord Inc.), snapshot of July 2026. Run with
the path of the whole `specs/openapi.json`: it keeps the schemas of what we send and all they refer to, without prose.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOTS = (
    "PongInteractionCallbackRequest",
    "CreateMessageInteractionCallbackRequest",
    "UpdateMessageInteractionCallbackRequest",
    "ModalInteractionCallbackRequest",
    "ApplicationCommandAutocompleteCallbackRequest",
    "ApplicationCommandUpdateRequest",
    "IncomingWebhookRequestPartial",
)
PREFIX = "#/components/schemas/"
type Schemas = dict[str, object]


def trim(schemas: Schemas) -> Schemas:
    """The schemas reachable from ROOTS, in alphabetical order."""
    found: Schemas = {}
    waiting: list[str] = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _bare(schemas[name])
            waiting += _references(found[name])
    return dict(sorted(found.items()))


def _bare(schema: object) -> object:
    """A schema without what only people read; property names stay, whatever they are called."""
    if isinstance(schema, list):
        return [_bare(part) for part in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    rules = cast("Schemas", schema)
    return {
        key: {name: _bare(part) for name, part in cast("Schemas", value).items()}
        if key == "properties"
        else _bare(value)
        for key, value in rules.items()
        if key not in {"description", "title"} and not key.startswith("x-")
    }


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, list):
        for part in cast("list[object]", schema):
            yield from _references(part)
    elif isinstance(schema, dict):
        for key, value in cast("Schemas", schema).items():
            if key == "$ref":
                yield cast("str", value).removeprefix(PREFIX)
            yield from _references(value)


def main() -> None:
    whole = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    info = {
        "title": whole["info"]["title"],
        "description": "Part of https://github.com/discord/discord-api-spec, snapshot of July 2026, made by "
        "trim_openapi.py: the schemas of what we send, without descriptions.",
        "license": whole["info"]["license"],
        "version": whole["info"]["version"],
    }
    lines = [f'"{name}": {json.dumps(schema)}' for name, schema in trim(whole["components"]["schemas"]).items()]
    text = f'{{"info": {json.dumps(info)},\n"components": {{"schemas": {{\n{",\n".join(lines)}\n}}}}}}\n'
    Path(__file__).with_name("openapi.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
