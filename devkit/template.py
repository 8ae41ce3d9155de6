"""Reads `template.yaml` with its loops expanded; `python -m devkit.template` prints it like that."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, override

import yaml
from yaml.constructor import ConstructorError

from devkit.loops import expand

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from devkit.json_types import Json

CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}


class StrictLoader(yaml.SafeLoader):
    """YAML in which no key stands twice: of two, the first would be lost without a word."""

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set[object]()
        for key, _ in node.value:
            name = cast("object", self.construct_object(key, deep=True))  # pyright: ignore[reportUnknownMemberType]
            if name in seen:
                raise ConstructorError(None, None, f"the key {name!r} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


class _Loader(StrictLoader):
    """YAML with CloudFormation's short forms; dates stay the strings they are to CloudFormation."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Json:
    if isinstance(node, yaml.ScalarNode):
        value: object = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(cast("yaml.MappingNode", node), deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)  # pyright: ignore[reportUnknownMemberType] (its stubs leave it open)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Artifact:
    """A resource with code of ours: its logical id, its property, and the folder it names."""

    logical_id: str
    property: str
    folder: str


class Template:
    """The template with every loop expanded, in long form."""

    def __init__(self, body: Json) -> None:
        self.body = body

    @classmethod
    def read(cls, file: Path) -> Template:
        return cls(expand(yaml.load(file.read_text(encoding="utf-8"), _Loader)))  # noqa: S506 (a safe loader with tags)

    @property
    def parameters(self) -> Mapping[str, Json]:
        return self.body.get("Parameters", {})

    def resources(self, kind: str) -> Iterator[tuple[str, Json]]:
        for logical_id, resource in self.body["Resources"].items():
            if resource["Type"] == kind:
                yield logical_id, resource

    def artifacts(self) -> Iterator[Artifact]:
        """The functions and layers whose code lies in this project; code written in the template itself stays there."""
        for kind, name in CODE.items():
            for logical_id, resource in self.resources(kind):
                place = resource["Properties"].get(name, self._global(kind, name))
                if isinstance(place, str):
                    yield Artifact(logical_id, name, place)

    def _global(self, kind: str, name: str) -> object:
        return self.body.get("Globals", {}).get(kind.rpartition("::")[2], {}).get(name)

    def function_names(self) -> dict[str, str]:
        """The name of each function by its logical id, as written: "${AWS::StackName}-xp-award"."""
        named = self.resources("AWS::Serverless::Function")
        return {logical_id: resource["Properties"]["FunctionName"]["Fn::Sub"] for logical_id, resource in named}

    def layers_of(self, function: str) -> list[str]:
        """The logical ids of a function's layers: those that all have, then its own, as SAM joins them."""
        own = self.body["Resources"][function]["Properties"].get("Layers", [])
        everybodys = self.body.get("Globals", {}).get("Function", {}).get("Layers", [])
        return [layer["Ref"] for layer in (*everybodys, *own)]

    def custom_functions(self) -> set[str]:
        """The logical ids of the functions that custom resources call."""
        custom = [one for one in self.body["Resources"].values() if one["Type"].startswith("Custom::")]
        return {one["Properties"]["ServiceToken"]["Fn::GetAtt"][0] for one in custom}

    def with_code(self, places: Mapping[str, Mapping[str, str]]) -> Template:
        """The same with each artifact's folder replaced by its place in S3 (`{"Bucket": ..., "Key": ...}`)."""
        body: Json = json.loads(json.dumps(self.body))
        for artifact in self.artifacts():
            body["Resources"][artifact.logical_id]["Properties"][artifact.property] = dict(places[artifact.logical_id])
        return Template(body)

    def text(self) -> str:
        return json.dumps(self.body, indent=1, sort_keys=True)


if __name__ == "__main__":
    sys.stdout.write(Template.read(Path(sys.argv[1])).text())
