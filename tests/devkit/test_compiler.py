"""What the build makes of our dataclasses behaves as they do, and what it does not know fails with a sentence."""

# ruff: noqa: ANN401 # a class that is looked into may be any

from __future__ import annotations

import ast
import copy
import dataclasses
import importlib
import pickle
import re
import shutil
import subprocess
import sys
from inspect import Parameter, signature
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from devkit import compiler
from devkit.compiler import CompileError, worked_out
from mastermind import records

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "shared" / "mastermind"
HEAD = "from __future__ import annotations\nfrom dataclasses import dataclass, field\n"


def name_of(source: Path) -> str:
    return ".".join(source.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def run(text: str, name: str = "compiled") -> Any:
    """The module of that source, compiled as the build does it."""
    module = ModuleType(name)
    exec(compile(worked_out(text), name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def declared() -> list[tuple[str, str]]:
    """Module and name of each record."""
    return [
        (name_of(source), node.name)
        for source in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(one) for one in node.decorator_list)
    ]


@pytest.fixture(scope="module")
def compiled() -> dict[str, Any]:
    """Every module that declares records, compiled beside the one of the source."""
    return {name: run(Path(str(importlib.import_module(name).__file__)).read_text(), name) for name, _ in declared()}


def blank(kind: Any, values: Mapping[str, object]) -> Any:
    """A record with these values, whatever its `__post_init__` says to them."""
    made = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def parameters(kind: Any) -> str:
    """What the constructor takes: name, kind, and the default, made where it is made for each record."""
    taken = [(name, each.kind, default(kind, name, each)) for name, each in signature(kind).parameters.items()]
    return re.sub(" at 0x[0-9a-f]+", "", repr(taken))


def default(kind: Any, name: str, parameter: Parameter) -> object:
    made = getattr(parameter.default, "make", dataclasses.MISSING)
    if dataclasses.is_dataclass(kind) and made is dataclasses.MISSING:
        made = kind.__dataclass_fields__[name].default_factory
    return parameter.default if made is dataclasses.MISSING else made()


def test_the_whole_package_has_shapes_that_the_compiler_knows():
    for source in PACKAGE.rglob("*.py"):
        worked_out(source.read_text())


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_the_game_plays_the_same_when_it_is_compiled(tmp_path: Path):
    """The tests of what holds, makes and shows records, against the package as the build compiles it."""
    package = tmp_path / "mastermind"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    compiler.main(package, str(package))
    folders = ["bot", "commands", "discord", "operations"]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not prove"]
    command += ["--ignore=tests/commands/test_differencing.py"]  # long stories about the database, not about records
    command += ["-o", f"pythonpath={tmp_path} .", *(f"tests/{folder}" for folder in folders)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.prove
@pytest.mark.parametrize(("module", "name"), declared())
def test_every_record_is_what_dataclasses_make_of_it(compiled: dict[str, Any], module: str, name: str):
    source: Any = getattr(importlib.import_module(module), name)
    built = getattr(compiled[module], name)
    names = records.names(source)
    assert not hasattr(built, "__dataclass_params__")
    assert built.__match_args__ == names
    assert built.__dict__.get("__slots__") == source.__dict__.get("__slots__")
    assert hasattr(built, "__post_init__") == hasattr(source, "__post_init__")
    assert parameters(built) == parameters(source)
    values, others = {name: f"{name} 1" for name in names}, {name: f"{name} 2" for name in names}
    ours, theirs = blank(built, values), blank(source, values)
    assert repr(ours) == repr(theirs)
    assert (ours == blank(built, values), ours == blank(built, others), ours == theirs) == (True, not names, False)
    assert hash(ours) == hash(theirs)
    assert records.as_dict(ours) == dataclasses.asdict(theirs) == values
    assert copy.copy(ours) == copy.deepcopy(ours) == ours
    assert (ours.__reduce_ex__(4)[2] == theirs.__reduce_ex__(4)[2]) or not hasattr(source, "__slots__")


SHAPES = (
    HEAD
    + """
from mastermind.records import as_dict

@dataclass(frozen=True, slots=True)
class Animal:
    "What breathes."
    name: str
    legs: int = 4
    tags: dict[str, int] = field(default_factory=dict[str, int])
    secret: str = field(default="den", repr=False)

    def __post_init__(self) -> None:
        if self.legs < 0:
            raise ValueError(self.legs)

@dataclass(frozen=True, slots=True)
class Dog(Animal):
    legs: int = 3
    age: int = 1

@dataclass(frozen=True, slots=True)
class Pack[T]:
    first: T
    others: tuple[T, ...] = ()

@dataclass(frozen=True, slots=True, order=True)
class Spot:
    row: int
    column: int = 0

@dataclass(frozen=True)
class Map:
    spots: tuple[Spot, ...]

@dataclass(frozen=True, slots=True)
class Nothing:
    pass
"""
)


@pytest.fixture(params=["source", "built"])
def shapes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same module as the tests run it, and as the build compiles it."""
    module = ModuleType("shapes")
    monkeypatch.setitem(sys.modules, "shapes", module)
    code = SHAPES if request.param == "source" else worked_out(SHAPES)
    exec(compile(code, "shapes", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def test_a_record_takes_its_values_by_place_and_by_name(shapes: Any):
    assert repr(shapes.Dog("Rex", age=7)) == "Dog(name='Rex', legs=3, tags={}, age=7)"
    assert shapes.Animal("Cat").tags is not shapes.Animal("Cat").tags
    assert shapes.Animal("Cat", tags={"a": 1}).tags == {"a": 1}
    assert repr(shapes.Nothing()) == "Nothing()"
    with pytest.raises(TypeError, match="name"):
        shapes.Dog()


def test_a_record_checks_itself_when_it_is_made_and_when_it_is_replaced(shapes: Any):
    with pytest.raises(ValueError, match="-1"):
        shapes.Dog("Rex", -1)
    with pytest.raises(ValueError, match="-2"):
        copy.replace(shapes.Dog("Rex"), legs=-2)


def test_a_record_is_replaced_compared_and_hashed_by_its_values(shapes: Any):
    spot = shapes.Spot(1, 2)
    assert copy.replace(spot, column=3) == shapes.Spot(1, 3) != spot
    assert hash(shapes.Spot(1, 3)) == hash(copy.replace(spot, column=3))
    assert shapes.Spot(1) < spot < shapes.Spot(2)
    assert shapes.Spot(1) <= spot <= shapes.Spot(1, 2)
    assert not spot > shapes.Spot(2)
    assert shapes.Animal("Rex", 3) != shapes.Dog("Rex", 3)
    with pytest.raises(TypeError):
        assert spot < 1


def test_a_record_is_matched_and_written_by_its_fields(shapes: Any):
    match shapes.Pack(shapes.Spot(1), (shapes.Spot(2),)):
        case shapes.Pack(shapes.Spot(1, 0), (shapes.Spot(row=2),)):
            pass
        case other:
            pytest.fail(repr(other))
    assert records.as_dict(shapes.Map((shapes.Spot(1),))) == {"spots": ({"row": 1, "column": 0},)}
    assert records.as_dict(shapes.Animal("Cat"))["secret"] == "den"


def test_a_record_has_slots_unless_it_was_declared_without(shapes: Any):
    assert shapes.Dog.__slots__ == ("age",)
    assert not hasattr(shapes.Dog("Rex"), "__dict__")
    assert vars(shapes.Map(())) == {"spots": ()}


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_a_record_is_pickled(shapes: Any, protocol: int):
    for made in (shapes.Dog("Rex", tags={"a": 1}), shapes.Map((shapes.Spot(1),)), shapes.Nothing()):
        assert pickle.loads(pickle.dumps(made, protocol)) == made == copy.deepcopy(made)  # noqa: S301


def test_pydantic_reads_a_record_as_a_dataclass(shapes: Any):
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(shapes.Dog)
    assert adapter.validate_python({"name": "Rex", "tags": {"a": "2"}}) == shapes.Dog("Rex", tags={"a": 2})
    assert adapter.dump_python(shapes.Dog("Rex")) == dataclasses.asdict(shapes.Dog("Rex"))
    with pytest.raises(ValidationError, match="name"):
        adapter.validate_python({})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("@dataclass\nclass A:\n    a: int", "line 3: records are frozen"),
        ("@dataclass(frozen=True, slots=True, kw_only=True)\nclass A:\n    a: int", "records are frozen"),
        ("@dataclass(frozen=True)\nclass A:\n    a: int = 1", "line 4: A has defaults but no slots"),
        ("@dataclass(frozen=True, slots=True)\nclass A:\n    a: ClassVar[int] = 1", "a record has fields alone"),
        ("@dataclass(frozen=True, slots=True)\nclass A:\n    a: int = field(kw_only=True)", "field() takes"),
        ("@dataclass(frozen=True, slots=True)\nclass A:\n    def __eq__(self, other): ...", "its own __eq__"),
        ("made = dataclass(type('A', (), {}))", "line 3: this use of dataclass"),
        ("_Record = 1", "_Record is a name of the compiler's"),
        ("from dataclasses import asdict", "asdict needs dataclasses"),
    ],
)
def test_a_shape_that_it_does_not_know_fails_the_build_with_a_sentence(written: str, said: str):
    with pytest.raises(CompileError) as refused:
        worked_out(HEAD + written)
    assert said in str(refused.value)


def test_a_cast_is_gone_and_its_value_is_there():
    built = run("from typing import cast\nshown = [cast('int', cast('str', one)) for one in (1, 2)]\ncast = None\n")
    assert built.shown == [1, 2]
    assert ast.unparse(worked_out("from typing import cast\nshown = cast('int', 1)")).endswith("shown = 1")


def test_a_function_of_ones_own_that_is_called_cast_stays():
    assert run("def cast(kind, value):\n    return kind(value)\nshown = cast(str, 1)\n").shown == "1"


def test_the_build_names_the_file_and_the_line(tmp_path: Path):
    package = tmp_path / "game"
    (package / "rules").mkdir(parents=True)
    (package / "rules" / "odd.py").write_text(HEAD + "\n@dataclass\nclass A:\n    a: int\n")
    command = [sys.executable, "-I", compiler.__file__, str(package), "/opt/python/game"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("game/rules/odd.py, line 4: records are frozen")


def test_a_traceback_shows_the_line_that_was_written(tmp_path: Path):
    source = tmp_path / "odd.py"
    source.write_text(HEAD + "\n@dataclass(frozen=True, slots=True)\nclass A:\n    a: int\n\n\nraise ValueError\n")
    compiler.write(source, str(source))
    done = subprocess.run(
        [sys.executable, "-c", "import odd"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert f'File "{source}", line 9' in done.stderr
