"""What the records of the package are made of once it is built (docs/decisions/032-records-are-compiled.md).

The source declares frozen dataclasses. The build (devkit/compiler.py) makes each a plain class on top of `Record`, so
that no command imports `dataclasses`. Both forms behave alike, but that nothing refuses an assignment in the built one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import DataclassInstance


def names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    """The names of a record's fields."""
    return cast("Any", kind).__match_args__


def as_dict(record: DataclassInstance) -> dict[str, Any]:
    """A record's fields by name, records within it likewise; all else stays as it is."""
    return {name: _plain(getattr(record, name)) for name in names(type(record))}


def _plain(value: Any) -> Any:  # noqa: ANN401 # whatever a field holds
    if isinstance(value, tuple | list):
        parts = cast("tuple[object, ...] | list[object]", value)
        return type(parts)(map(_plain, parts))
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in cast("dict[object, object]", value).items()}
    return as_dict(value) if hasattr(value, "__match_args__") else value


# --- what the build puts in the place of dataclasses ---


class Factory:
    """The default of a parameter whose value is made for each record."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


class _Fields:
    """The fields as `dataclasses` describes them: pydantic asks for that, and no interaction does."""

    def __get__(self, _: object, kind: type) -> Mapping[str, object]:
        if kind in {Record, Ordered}:
            raise AttributeError("__dataclass_fields__")
        return _described(kind)


@cache
def _described(kind: Any) -> Mapping[str, object]:  # noqa: ANN401 # a class that the build made
    from dataclasses import field, make_dataclass
    from inspect import Parameter, get_annotations, signature

    described: list[tuple[str, Any, Any]] = []
    for name, parameter in signature(kind).parameters.items():
        hint = next(hints[name] for hints in map(get_annotations, kind.__mro__) if name in hints)
        match parameter.default:
            case Parameter.empty:
                default: Any = field()
            case Factory() as factory:
                default = field(default_factory=factory.make)
            case value:
                default = field(default=value)
        described.append((name, hint, default))
    return cast("Any", make_dataclass(kind.__name__, described)).__dataclass_fields__


class Record:
    """What dataclasses give a frozen class with slots."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()
    __dataclass_fields__: Any = _Fields()
    _hidden: tuple[str, ...] = ()

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__ if name not in self._hidden)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self._values() == cast("Record", other)._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __replace__(self, /, **changes: object) -> Any:  # noqa: ANN401 # another of its own kind
        return self.__class__(**{**dict(zip(self.__match_args__, self._values(), strict=True)), **changes})

    def __getstate__(self) -> list[object]:
        return [*self._values()]

    def __setstate__(self, state: list[object]) -> None:
        for name, value in zip(self.__match_args__, state, strict=True):
            setattr(self, name, value)

    def _values(self) -> tuple[object, ...]:
        return ()  # each class has its own


class Ordered(Record):
    """The same with `order=True`."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        return self._values() < cast("Record", other)._values() if other.__class__ is self.__class__ else NotImplemented

    def __le__(self, other: object) -> bool:
        return (
            self._values() <= cast("Record", other)._values() if other.__class__ is self.__class__ else NotImplemented
        )
