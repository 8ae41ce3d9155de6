"""A change of the code is served while the game runs, and a mistake in it is said and costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.builder import Part
from local.changes import Changes, CodeError, check, read_commands
from local.cloud import ROOT
from local.deployer import DeployError
from mastermind.bot import registry
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.changes import Commands


class Served:
    """What a cloud would deploy; it refuses while `refusal` is set."""

    def __init__(self) -> None:
        self.commands: list[Commands] = []
        self.refusal = ""

    def __call__(self, commands: Commands) -> None:
        if self.refusal:
            raise DeployError(self.refusal)
        self.commands.append(commands)


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.fixture
def changes(tmp_path: Path, served: Served) -> Iterator[Changes]:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "one.py").write_text("ONE = 1\n")
    changes = Changes(tmp_path, [Part("Code", tmp_path / "code", ())], served, lambda _: None)
    changes.start()
    yield changes
    changes.stop()


def test_a_mistake_is_said_and_its_correction_is_served(changes: Changes, served: Served, tmp_path: Path):
    one = tmp_path / "code" / "one.py"
    one.write_text("ONE = (1\n")  # of another length: a clock that stands still for a moment hides nothing
    wait_for(lambda: changes.code.trouble == "code/one.py, line 1: '(' was never closed")
    assert (changes.code.revision, served.commands) == (0, [])
    one.write_text("ONE = 2\n")
    wait_for(lambda: changes.code.revision == 1)
    assert changes.code.trouble == ""
    assert tuple(command["name"] for command in served.commands[0]["main"]) == registry.names("main")


def test_what_cannot_be_deployed_is_said_and_the_next_change_is_tried(changes: Changes, served: Served, tmp_path: Path):
    served.refusal = "The stack ended as UPDATE_ROLLBACK_COMPLETE."
    (tmp_path / "code" / "two.py").write_text("TWO = 2\n")
    wait_for(lambda: changes.code.trouble == served.refusal)
    served.refusal = ""
    (tmp_path / "code" / "two.py").unlink()
    wait_for(lambda: changes.code.revision == 1)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (b"def x(:\n", "x.py, line 1: invalid syntax"),
        (b"a = '\x00'", "x.py: source code string cannot contain null bytes"),
    ],
)
def test_what_is_no_python_is_refused_by_its_line(tmp_path: Path, written: bytes, says: str):
    (tmp_path / "x.py").write_bytes(written)
    with pytest.raises(CodeError, match=says):
        check(tmp_path, [tmp_path / "x.py", tmp_path / "gone.py"])


def test_what_cannot_be_imported_is_refused_by_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    commands = tmp_path / "layers" / "shared" / "mastermind"
    commands.mkdir(parents=True)
    (commands / "__init__.py").write_text("import nowhere\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'layers' / 'shared'}:{ROOT}")
    with pytest.raises(
        CodeError, match=r"^layers/shared/mastermind/__init__.py, line 1: ModuleNotFoundError: .*nowhere"
    ):
        read_commands(tmp_path)
