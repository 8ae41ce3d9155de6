"""Expands what `AWS::LanguageExtensions` adds to a template: loops, and look-ups that depend on a loop's variable.

A loop replaces its variable in the keys of its fragment, in `Fn::Sub`, and where a `Ref` names it; nowhere else.
Source: "Fn::ForEach" and "AWS::LanguageExtensions transform" in CloudFormation's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from devkit.json_types import Json

TRANSFORM = "AWS::LanguageExtensions"
LOOP = "Fn::ForEach::"


def expand(body: Json) -> Json:
    """The template after that transform, which it no longer asks for."""
    asked = body.get("Transform", [])
    left = [one for one in ([asked] if isinstance(asked, str) else asked) if one != TRANSFORM]
    return _Expansion(body.get("Mappings", {})).of({**body, "Transform": left}, {})


class _Expansion:
    def __init__(self, mappings: Json) -> None:
        self._mappings = mappings

    def of(self, node: Any, variables: Mapping[str, str]) -> Any:  # noqa: ANN401 (any JSON)
        match node:
            case {"Ref": str(name)} if name in variables:
                return variables[name]
            case {"Fn::Sub": text}:
                return self._substitution(text, variables)
            case {"Fn::FindInMap": [*keys]}:
                return self._value([self.of(key, variables) for key in keys])
            case dict():
                return dict(self._members(cast("Json", node), variables))
            case list():
                return [self.of(one, variables) for one in cast("list[Any]", node)]
            case _:
                return node

    def _members(self, node: Json, variables: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
        for key, value in node.items():
            if key.startswith(LOOP):
                yield from self._repeated(value, variables)
            else:
                yield key, self.of(value, variables)

    def _repeated(self, loop: tuple[str, list[str], Json], variables: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
        variable, items, fragment = loop
        for item in items:
            inner = {**variables, variable: item}
            yield from ((_fill(key, inner), value) for key, value in self._members(fragment, inner))

    def _substitution(self, what: str | tuple[str, Json], variables: Mapping[str, str]) -> Json | str:
        """`Fn::Sub` with what is known filled in; the text itself if a loop has left nothing to substitute."""
        text, given = (what, {}) if isinstance(what, str) else what
        own: Json = self.of(given, variables)
        known = {name: value for name, value in own.items() if isinstance(value, str)}
        unknown = {name: value for name, value in own.items() if name not in known}
        filled = _fill(text, {**variables, **known})
        if unknown:
            return {"Fn::Sub": [filled, unknown]}
        return filled if filled != text and "${" not in filled else {"Fn::Sub": filled}

    def _value(self, keys: list[Any]) -> Any:  # noqa: ANN401 (whatever the mapping holds)
        """What the mapping says, or the look-up itself if a parameter decides it."""
        if not all(isinstance(key, str) for key in keys):
            return {"Fn::FindInMap": keys}
        mapping, row, column = keys
        return self._mappings[mapping][row][column]


def _fill(text: str, variables: Mapping[str, str]) -> str:
    for name, value in variables.items():
        text = text.replace(f"${{{name}}}", value)
    return text
