"""Checks JSON against Discord's own API description (`openapi.json` here), choosing the schema by type."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from devkit.json_types import ReadOnlyJson

_BY_TYPE = {
    1: "PongInteractionCallbackRequest",
    4: "CreateMessageInteractionCallbackRequest",
    5: "CreateMessageInteractionCallbackRequest",
    6: "UpdateMessageInteractionCallbackRequest",
    7: "UpdateMessageInteractionCallbackRequest",
    8: "ApplicationCommandAutocompleteCallbackRequest",
    9: "ModalInteractionCallbackRequest",
}


def response_problems(response: ReadOnlyJson) -> list[str]:
    """What Discord's schema has against an interaction response; empty when nothing."""
    kind = response.get("type")
    name = _BY_TYPE.get(kind) if isinstance(kind, int) else None
    return _problems(name, response) if name else [f"type {kind} is no response"]


def registration_problems(commands: Sequence[ReadOnlyJson]) -> list[str]:
    """The same for the commands of an application, as they are registered all at once."""
    return [
        problem for command in commands for problem in _problems("ApplicationCommandUpdateRequest", _mended(command))
    ]


def webhook_problems(message: ReadOnlyJson) -> list[str]:
    """The same for a message posted to a webhook."""
    return _problems("IncomingWebhookRequestPartial", message)


def _mended(command: ReadOnlyJson) -> ReadOnlyJson:
    """Discord's documentation wants permissions as a string of digits, its schema wrongly a number."""
    permissions = command.get("default_member_permissions")
    return {**command, "default_member_permissions": int(permissions)} if isinstance(permissions, str) else command


def _problems(name: str, value: ReadOnlyJson) -> list[str]:
    errors = map(_cause, _validator(name).iter_errors(value))
    return [f"{error.json_path}: {error.message}" for error in errors]


def _cause(error: ValidationError) -> ValidationError:
    """Of a choice that failed everywhere, the failure of the alternative that came furthest."""
    causes = error.context or []
    return max(map(_cause, causes), key=lambda cause: len(cause.absolute_path)) if causes else error


class _Validator(Protocol):
    """What we use of jsonschema's validator, whose own types are partly unknown."""

    def iter_errors(self, instance: object) -> Iterable[ValidationError]: ...
    def descend(self, instance: object, schema: object) -> Iterable[ValidationError]: ...


@cache
def _validator(name: str) -> _Validator:
    components = {"schemas": {known: _prepared(schema) for known, schema in _schemas().items()}}
    by_type = extend(Draft202012Validator, {"byType": _by_type})  # pyright: ignore[reportUnknownVariableType]
    return cast("_Validator", by_type({"$ref": f"#/components/schemas/{name}", "components": components}))


@cache
def _schemas() -> Mapping[str, ReadOnlyJson]:
    text = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
    return json.loads(text)["components"]["schemas"]


def _prepared(schema: object) -> object:
    """The schema with unknown keys forbidden, and with choices that are decided without trying each alternative.

    A misspelt key is found (Discord would ignore it silently).
    """
    if isinstance(schema, list):
        return [_prepared(part) for part in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    rules = {key: _prepared(value) for key, value in cast("dict[str, object]", schema).items()}
    if rules.get("type") == "object" and "properties" in rules:
        return {**rules, "additionalProperties": False}
    return _decided(rules) if "oneOf" in rules else rules


def _decided(rules: dict[str, object]) -> dict[str, object]:
    """A choice between constants as an enum, and one between objects by their `type`; any other as it is."""
    alternatives = cast("list[dict[str, object]]", rules["oneOf"])
    others = {key: value for key, value in rules.items() if key != "oneOf"}
    if all("const" in one for one in alternatives):
        return {**others, "enum": [one["const"] for one in alternatives]}
    types = {kind: one for one in alternatives for kind in _types(one)}
    return {**others, "byType": types} if len(types) == len(alternatives) else rules


def _types(alternative: Mapping[str, object]) -> list[object]:
    """The values of `type` with which an object can be this alternative; empty when it is no object with a type."""
    name = str(alternative.get("$ref", "")).rpartition("/")[2]
    kind = cast("ReadOnlyJson", _schemas().get(name, {}).get("properties", {})).get("type", {})
    return cast("list[object]", cast("ReadOnlyJson", kind).get("enum", []))


def _by_type(
    validator: _Validator, alternatives: Mapping[object, object], instance: object, _: ReadOnlyJson
) -> Iterator[ValidationError]:
    """Our own keyword: the object must be the alternative that has its `type`."""
    kind = instance.get("type") if isinstance(instance, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if kind in alternatives:
        yield from validator.descend(cast("object", instance), alternatives[kind])
    else:
        yield ValidationError(f"type {kind!r} is none of {[*alternatives]}")
