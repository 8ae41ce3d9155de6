"""Checks JSON against Discord's own API description (`openapi.json` here), choosing the schema by type."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jsonschema.exceptions import ValidationError

type Json = Mapping[str, object]

_BY_TYPE = {
    1: "PongInteractionCallbackRequest",
    4: "CreateMessageInteractionCallbackRequest",
    5: "CreateMessageInteractionCallbackRequest",
    6: "UpdateMessageInteractionCallbackRequest",
    7: "UpdateMessageInteractionCallbackRequest",
    8: "ApplicationCommandAutocompleteCallbackRequest",
    9: "ModalInteractionCallbackRequest",
}


def response_problems(response: Json) -> list[str]:
    """What Discord's schema has against an interaction response; empty when nothing."""
    kind = response.get("type")
    name = _BY_TYPE.get(kind) if isinstance(kind, int) else None
    return _problems(name, response) if name else [f"type {kind} is no response"]


def registration_problems(commands: Sequence[Json]) -> list[str]:
    """The same for the commands of an application, as they are registered all at once."""
    return [
        problem for command in commands for problem in _problems("ApplicationCommandUpdateRequest", _mended(command))
    ]


def webhook_problems(message: Json) -> list[str]:
    """The same for a message posted to a webhook."""
    return _problems("IncomingWebhookRequestPartial", message)


def _mended(command: Json) -> Json:
    """Discord's documentation wants permissions as a string of digits, its schema wrongly a number."""
    permissions = command.get("default_member_permissions")
    return {**command, "default_member_permissions": int(permissions)} if isinstance(permissions, str) else command


def _problems(name: str, value: Json) -> list[str]:
    errors = map(_cause, _validator(name).iter_errors(value))
    return [f"{error.json_path}: {error.message}" for error in errors]


def _cause(error: ValidationError) -> ValidationError:
    """Of a choice that failed everywhere, the failure of the alternative that came furthest."""
    causes = error.context or []
    return max(map(_cause, causes), key=lambda cause: len(cause.absolute_path)) if causes else error


class _Validator(Protocol):
    """What we use of jsonschema's validator, whose own types are partly unknown."""

    def iter_errors(self, instance: object) -> Iterable[ValidationError]: ...


@cache
def _validator(name: str) -> _Validator:
    text = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
    components = _closed(json.loads(text)["components"])
    validator = Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components})
    return cast("_Validator", validator)


def _closed(schema: object) -> object:
    """The schema with unknown keys forbidden, so that a misspelt key is found (Discord would ignore it silently)."""
    if isinstance(schema, list):
        return [_closed(part) for part in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    rules = {key: _closed(value) for key, value in cast("dict[str, object]", schema).items()}
    return (
        {**rules, "additionalProperties": False} if rules.get("type") == "object" and "properties" in rules else rules
    )
