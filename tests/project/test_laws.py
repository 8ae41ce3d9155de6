"""Rules for the tree of files itself."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest
import yaml

from devkit.template import StrictLoader
from mastermind import strict_json

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "shared"
DOCUMENTS = {
    "BIG_BEAUTIFUL_EMBED_GUIDE.md",
    "Architecture.md",
    "Commands.md",
    "DOCS_INDEX.md",
    "Deployment.md",
    "Environment.md",
    "Getting_Started.md",
    "Migrations.md",
    "Phases_Map.md",
    "README.md",
    "Tensey_Bot_Integration.md",
    "Troubleshooting.md",
    "Years.md",
}
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


@cache
def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def pages() -> list[Path]:
    return sorted(path for path in tracked() if path.suffix == ".md")


@cache
def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)


@cache
def anchors(page: Path) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings(page)}


def test_there_are_exactly_thirteen_documents():
    assert {path.name for path in (ROOT / "docs").glob("*") if path.is_file()} == DOCUMENTS


def test_the_index_names_every_document():
    index = (ROOT / "docs" / "DOCS_INDEX.md").read_text()
    assert {name for name in DOCUMENTS if f"({name})" not in index} == {"DOCS_INDEX.md"}


@pytest.mark.parametrize("collection", ["benchmarks", "decisions", "rules"])
def test_each_collection_names_every_page_of_its_own(collection: str):
    folder = ROOT / "docs" / collection
    index = (folder / "README.md").read_text()
    assert {path.name for path in folder.glob("*.md") if f"({path.name})" not in index} == {"README.md"}


@pytest.mark.parametrize("layer", ["shared", "extras"])
def test_a_layer_ships_what_the_tests_ran_with(layer: str):
    shipped = dict(PIN.findall((ROOT / "layers" / layer / "requirements.txt").read_text()))
    tested = dict(PIN.findall((ROOT / "requirements" / "dev.txt").read_text()))
    assert shipped
    assert {name: version for name, version in shipped.items() if tested.get(name) != version} == {}


def test_every_lock_carries_hashes_and_names_no_registry():
    kept = {"requirements": "*.txt", "layers": "*/requirements.txt", "bench": "peers/requirements.txt"}
    for lock in [file for folder, names in kept.items() for file in (ROOT / folder).glob(names)]:
        text = lock.read_text()
        assert "--hash=sha256:" in text, lock.name
        assert "://" not in text, lock.name
        assert "--index-url" not in text, lock.name


def test_nothing_ships_that_only_tests_or_readers_need():
    shipped = {path for path in tracked() if path.is_relative_to(LAYER)}
    strays = {path for path in shipped if path.suffix == ".md" or "test" in path.stem}
    assert strays == set()


def test_the_makefile_prints_itself():
    printed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tasks = re.findall(r"\x1b\[1m([a-z-]+) *\x1b", printed)
    for task in ("run", "test", "demo", "build", "lock", "format"):
        assert task in tasks


def test_continuous_integration_runs_every_test():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line.split(" ||")[0] for line in lines if line.startswith("make ")] == ["make test", "make prove"]
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r"\$\(PYTEST\) -m (\".+?\"|\S+) ", makefile) == ['"not prove"', "prove"]
    assert "bash .ci/run" in (ROOT / ".github" / "workflows" / "test.yml").read_text()


@pytest.mark.parametrize(
    "entry",
    [
        *(".env", ".env.*", ".local/", ".aws-sam/", "backups/", "logs/", "node_modules/"),
        *("/settings.toml", "/buttons.json", "/own*.json"),
    ],
)
def test_git_ignores_secrets_and_what_a_machine_makes(entry: str):
    assert entry in (ROOT / ".gitignore").read_text().splitlines()


def test_only_config_reads_the_environment():
    package = LAYER / "mastermind"
    readers = {path.parent.name for path in package.rglob("*.py") if "os.environ" in path.read_text()}
    assert readers == {"entrypoints"}, "settings are read by config; entry points alone hand it os.environ"


class _AnyTag(StrictLoader):
    """CloudFormation's short forms are no concern here."""


_AnyTag.add_multi_constructor("!", lambda *_: None)  # pyright: ignore[reportUnknownMemberType, reportUnknownLambdaType]


def parsed(path: Path) -> object:
    """What a file holds, read so that a key that stands twice is a mistake."""
    match path.suffix:
        case ".json":
            return strict_json.loads(path.read_bytes())
        case ".toml":
            return tomllib.loads(path.read_text(encoding="utf-8"))
        case _:
            return list(yaml.load_all(path.read_text(encoding="utf-8"), _AnyTag))


@pytest.mark.parametrize(
    "path",
    [path for path in tracked() if path.suffix in {".json", ".toml", ".yaml", ".yml"}],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_key_stands_twice_in_any_file(path: Path):
    assert parsed(path)


def test_sql_stands_in_tables_and_postgres_alone():
    package = LAYER / "mastermind"
    sql = re.compile(r"\b(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")
    files = {str(path.relative_to(package)) for path in package.rglob("*.py") if sql.search(path.read_text())}
    allowed = re.compile(r"postgres/\w+\.py|(game|operations)/\w+/table\.py|operations/migrations/\w+\.py")
    assert files
    assert {file for file in files if not allowed.fullmatch(file)} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "migrations").glob("*.sql")), ids=lambda path: path.name)
def test_lines_of_sql_are_as_short_as_those_of_python(path: Path):
    width = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["line-length"]
    assert [line for line in path.read_text().splitlines() if len(line) > width] == []


def test_handlers_hold_no_logic():
    handlers = [*(ROOT / "functions").glob("*/handler.py")]
    assert handlers
    for handler in handlers:
        assert len(handler.read_text().splitlines()) <= 30, handler


@pytest.mark.parametrize("makefile", ["Makefile", "functions/Makefile", "layers/shared/Makefile"])
def test_a_uv_that_does_not_run_is_not_taken(makefile: str, tmp_path: Path):
    shim = tmp_path / "uv"
    shim.write_text("#!/bin/sh\necho 'uv: command not found in this version of Python' >&2\nexit 127\n")
    shim.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ARTIFACTS_DIR": str(tmp_path)}
    command = ["make", "-pn", "-f", ROOT / makefile, "--eval=.DEFAULT_GOAL := nothing", "--eval=nothing:"]
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^UV := (.*)$", printed, re.MULTILINE)[0].endswith(".tools/uv/bin/uv")


def test_no_files_import_each_other_in_a_circle():
    packages = ("mastermind", "functions", "devkit", "local", "ops", "simulator")
    graph = grimp.build_graph(*packages, cache_dir=None, exclude_type_checking_imports=True)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imported) > 300
    TopologicalSorter(imported).prepare()  # raises CycleError, which names the files
