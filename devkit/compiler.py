"""Compiles a package that ships, with its dataclasses and casts worked out: `python compiler.py PACKAGE PATH`.

PATH is where Lambda will find the package. The sources stay beside the compiled files, so that a traceback shows what
was written. It needs the standard library alone, because `sam build` has no other
(docs/decisions/032-records-are-compiled.md).
"""

from __future__ import annotations

import ast
import importlib.util
import marshal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, override

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNCHECKED = (1).to_bytes(4, "little")
"""Marks a compiled file that is trusted without a look at its source (PEP 552): a zip does not keep the times."""

BASES = {"frozen slots": "_Record", "frozen": "_Record", "frozen order slots": "_Ordered"}
"""By the options of a dataclass what replaces it."""

IMPORTED = "from mastermind.records import Factory as _Factory, Ordered as _Ordered, Record as _Record"
RESERVED = {"_Factory", "_Ordered", "_Record"}
MADE = {"__init__", "__eq__", "__hash__", "__setattr__", "__getstate__", "__setstate__", "__replace__"}
"""What a record cannot define itself."""


class CompileError(Exception):
    """A shape that the compiler does not know; the message says where, and what to do."""


def main(package: Path, path: str) -> None:
    for source in sorted(package.rglob("*.py")):
        name = source.relative_to(package)
        try:
            write(source, f"{path}/{name}")
        except CompileError as error:
            sys.exit(f"{package.name}/{name}, {error}")


def write(source: Path, path: str) -> None:
    """Compile a file to where Python looks for that; raises CompileError."""
    text = source.read_bytes()
    code = compile(worked_out(text.decode()), path, "exec", dont_inherit=True)
    target = Path(importlib.util.cache_from_source(str(source)))
    target.parent.mkdir(exist_ok=True)
    head = importlib.util.MAGIC_NUMBER + UNCHECKED + importlib.util.source_hash(text)
    target.write_bytes(head + marshal.dumps(code))


def worked_out(text: str) -> ast.Module:
    """A module with plain classes in the place of its dataclasses, and without casts; raises CompileError."""
    return ast.fix_missing_locations(_Casts().visit(_Records().visit(ast.parse(text))))


class _Casts(ast.NodeTransformer):
    """Takes `typing.cast` away: it is for the type checker, and an answer would call it a hundred times."""

    def __init__(self) -> None:
        self._is_imported = False

    @override
    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        self._is_imported |= node.module == "typing" and any(
            one.name == "cast" and not one.asname for one in node.names
        )
        return node

    @override
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Name("cast"), [_, value], []) if self._is_imported:
                return value
            case _:
                return node


class _Records(ast.NodeTransformer):
    """Makes each dataclass a plain class on top of `mastermind.records.Record`."""

    def __init__(self) -> None:
        self._known: dict[str, _Shape] = {}
        """The records so far, from which others may inherit."""
        self._imported: set[str] = set()

    @override
    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if node.module != "dataclasses" or node.col_offset:  # inside a function it is loaded when that is called
            return node
        self._imported = {name.asname or name.name for name in node.names}
        if others := self._imported - {"dataclass", "field"}:
            _refuse(node, f"{min(others)} needs dataclasses: use copy.replace, or what mastermind.records has")
        return ast.copy_location(ast.parse(IMPORTED).body[0], node)

    @override
    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in RESERVED:
            _refuse(node, f"{node.id} is a name of the compiler's: choose another")
        if node.id in self._imported:
            _refuse(
                node, f"this use of {node.id} is not known to devkit/compiler.py: write it another way, or teach it"
            )
        return node

    @override
    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        decorator = next((one for one in node.decorator_list if _name(one) == "dataclass"), None)
        if decorator is None:
            return self.generic_visit(node)
        node.decorator_list.remove(decorator)
        base = next((self._known[_name(one)] for one in node.bases if _name(one) in self._known), None)
        shape = _shape(node, _options(decorator), base)
        self.generic_visit(node)
        if base is None:
            node.bases.insert(0, ast.Name(BASES[shape.options], ast.Load()))
        node.body = [*_docstring(node), *_at(node, shape.text()), *node.body[len(_docstring(node)) :]]
        self._known[node.name] = shape
        return node


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a record, as a parameter and as an assignment."""

    name: str
    default: str = ""
    is_made: bool = False
    is_shown: bool = True

    @property
    def parameter(self) -> str:
        default = f"_Factory({self.default})" if self.is_made else self.default
        return f"{self.name}={default}" if default else self.name

    @property
    def assignment(self) -> str:
        made = f"{self.name}.make() if {self.name}.__class__ is _Factory else " if self.is_made else ""
        return f"self.{self.name} = {made}{self.name}"


@dataclass(frozen=True, slots=True)
class _Shape:
    """A record: its options, its fields by name, and those that its class itself declares."""

    options: str
    fields: Mapping[str, _Field]
    own: tuple[str, ...]
    has_post_init: bool

    def text(self) -> str:
        """What its class gets, in place of what dataclasses would give it."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if "slots" in self.options:
            yield f"__slots__ = {self.own!r}"
        yield f"__match_args__ = {tuple(self.fields)!r}"
        if hidden := tuple(field.name for field in self.fields.values() if not field.is_shown):
            yield f"_hidden = {hidden!r}"
        yield f"def _values(self): return ({''.join(f'self.{name}, ' for name in self.fields)})"
        yield f"def __init__({', '.join(('self', *(field.parameter for field in self.fields.values())))}):"
        yield from (f"    {field.assignment}" for field in self.fields.values())
        yield "    self.__post_init__()" if self.has_post_init else "    pass"


def _shape(node: ast.ClassDef, options: str, base: _Shape | None) -> _Shape:
    """Reads a dataclass, and takes the defaults out of it: a class cannot have them beside its slots."""
    declared = [part for part in node.body if isinstance(part, ast.AnnAssign)]
    methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    if forbidden := methods & MADE:
        _refuse(node, f"{node.name} has its own {min(forbidden)}, which dataclasses would overwrite or keep: remove it")
    own = [_field(part) for part in declared]
    for part in declared:
        part.value = None
    inherited: Mapping[str, _Field] = base.fields if base else {}
    has_post_init = "__post_init__" in methods or (base is not None and base.has_post_init)
    fields = {**inherited, **{field.name: field for field in own}}
    slots = tuple(field.name for field in own if field.name not in inherited)
    if "slots" not in options and any(field.default for field in own):
        _refuse(node, f"{node.name} has defaults but no slots: dataclasses would leave them on the class")
    return _Shape(options, fields, slots, has_post_init)


def _field(part: ast.AnnAssign) -> _Field:
    if not isinstance(part.target, ast.Name) or _name(part.annotation) in {"ClassVar", "InitVar", "KW_ONLY"}:
        _refuse(part, "a record has fields alone: move this out of it")
    if not (isinstance(part.value, ast.Call) and _name(part.value) == "field"):
        return _Field(part.target.id, ast.unparse(part.value) if part.value else "")
    given = {one.arg: one.value for one in part.value.keywords}
    if part.value.args or given.keys() - {"default", "default_factory", "repr"}:
        _refuse(part, "field() takes default, default_factory and repr here: see devkit/compiler.py")
    default = given.get("default") or given.get("default_factory")
    is_shown = "repr" not in given or ast.literal_eval(given["repr"])
    return _Field(part.target.id, ast.unparse(default) if default else "", "default_factory" in given, is_shown)


def _options(decorator: ast.expr) -> str:
    """The options that are on, in alphabetical order."""
    given = decorator.keywords if isinstance(decorator, ast.Call) else []
    options = " ".join(sorted(str(one.arg) for one in given if ast.literal_eval(one.value)))
    if options not in BASES:
        _refuse(decorator, "records are frozen, with slots: write @dataclass(frozen=True, slots=True)")
    return options


def _name(node: ast.expr) -> str:
    """The name that is used, called or subscripted; empty for anything else."""
    match node:
        case ast.Name(name) | ast.Call(ast.Name(name)) | ast.Subscript(ast.Name(name)):
            return name
        case _:
            return ""


def _docstring(node: ast.ClassDef) -> list[ast.stmt]:
    return node.body[:1] if ast.get_docstring(node, clean=False) is not None else []


def _at(node: ast.ClassDef, text: str) -> list[ast.stmt]:
    """The code of that text, as if it stood in the class's first line."""
    code = ast.parse(text)
    for part in ast.walk(code):
        ast.copy_location(part, node)
    return code.body


def _refuse(node: ast.stmt | ast.expr, problem: str) -> NoReturn:
    raise CompileError(f"line {node.lineno}: {problem}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
