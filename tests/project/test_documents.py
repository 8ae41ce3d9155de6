"""The commands in the documents exist, and their examples work."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, LiteralString, cast

import botocore.session
import jmespath
import pytest
import typer
from botocore import xform_name
from botocore.validate import ParamValidator
from jmespath.exceptions import JMESPathError

from devkit.content.files import OWN
from devkit.content.reading import parse
from devkit.template import Template
from mastermind import observability
from mastermind.operations.backup import rules as snapshots
from ops import throttle
from ops.commands import app
from ops.restore import instances
from ops.sizes import HEALTH_RATE, SIZES, at_the_throttle
from tests.project.test_laws import FENCE, ROOT, pages, tracked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ServiceModel, Shape

    from tests.conftest import Connection

DOCS = ROOT / "docs"
DEPLOYMENT = (DOCS / "Deployment.md").read_text()
TEMPLATE = Template.read(ROOT / "template.yaml")
SESSION = botocore.session.get_session()
OPS = cast("Any", typer.main.get_command(app))

INLINE = re.compile(r"`([^`\n]+)`")
COMMENT = re.compile(r"(^|\s)#\s.*$", re.MULTILINE)
WITHIN = re.compile(r"\$\(([^()]+)\)")
ASSIGNMENT = re.compile(r"[A-Z_]+=")
PLACEHOLDER = re.compile(r"\.\.\.|\$|[A-Z]$")

EVERYWHERE = {"date", "git", "cp", "read", "export", "printf", "psql"}
"""What any machine with a shell, git or PostgreSQL has, and no test need look up."""

OF_THE_READER = re.compile(r"[\w.-]+\.(?:json|toml)")
"""A file beside the reader, which the operator's tool looks for."""

OF_THE_SHELL = {"export", "printf", "read"}
SECRET = re.compile(r"\$\{?\w*(WEBHOOK|TOKEN|PASSWORD|SECRET|DATABASE_URL)")

FOR_ALL = {"region", "profile", "output", "query", "no-cli-pager", "cli-binary-format"}
"""Options of the AWS CLI that each of its commands takes."""

OF_THE_CLI = {("s3", "sync"), ("s3", "cp"), ("s3", "ls"), ("sso", "login")}
"""Commands that the AWS CLI makes up itself: they are no operations of a service."""


OPS_REFUSES: type[Exception] = typer.BadParameter.__mro__[1]
"""What the tool raises when it does not understand a line."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it stands in a document; whole when it is meant to be typed as it stands."""

    page: str
    words: tuple[str, ...]
    whole: bool

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


# --- finding them ---


def blocks(page: Path, language: str) -> list[str]:
    return [found[3] for found in FENCE.finditer(page.read_text()) if found[2] == language]


def typed() -> list[Typed]:
    found = (one for page in pages() for one in (*_in_blocks(page), *_in_sentences(page)))
    return list(dict.fromkeys(found))


def _in_blocks(page: Path) -> Iterator[Typed]:
    for block in blocks(page, "sh"):
        yield from (Typed(page.name, words, whole=True) for words in commands(block))


def _in_sentences(page: Path) -> Iterator[Typed]:
    for span in INLINE.findall(FENCE.sub("", page.read_text())):
        if re.match(r"(\.venv/bin/ops|make|aws) [a-z-]", span):
            yield from (Typed(page.name, words, whole=False) for words in commands(span))


def commands(script: str) -> Iterator[tuple[str, ...]]:
    """The words of each command of a shell script, of those within others as well; no variables that are set for it."""
    script = COMMENT.sub(r"\1", script).replace("\\\n", " ")
    for within in WITHIN.findall(script):
        yield from commands(within)
    lexer = shlex.shlex(WITHIN.sub("...", script), posix=True, punctuation_chars=";&|\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
    words: list[str] = []
    for word in [*lexer, "\n"]:
        if word.strip(";&|\n"):
            words.append(word)
        else:
            while words and ASSIGNMENT.match(words[0]):
                del words[0]
            if words:
                yield tuple(words)
            words = []


def test_commands_are_found_in_scripts():
    script = """A="$(aws sts get-caller-identity --query 'a b')"
    X=1 make run Y=2 && git checkout v1 # why
    aws s3 sync \\
      a b; .venv/bin/ops docs"""
    assert [" ".join(words) for words in commands(script)] == [
        "aws sts get-caller-identity --query a b",
        "make run Y=2",
        "git checkout v1",
        "aws s3 sync a b",
        ".venv/bin/ops docs",
    ]


# --- what they are ---


@pytest.mark.parametrize("one", typed(), ids=str)
def test_what_is_typed_exists(one: Typed):
    check(one)


def test_no_secret_is_passed_to_a_program_as_an_argument():
    """Every user of the machine can read it in the list of processes."""
    exposed = [one for one in typed() if one.words[0] not in OF_THE_SHELL and SECRET.search(" ".join(one.words))]
    assert [str(one) for one in exposed] == []


@pytest.mark.parametrize(
    "line",
    [
        ".venv/bin/ops nonsense",
        ".venv/bin/ops doctor --nonsense",
        ".venv/bin/ops register --dry-run",
        ".venv/bin/ops check-content --stats own.json --flags missing",
        "make nonsense",
        "make run NONSENSE=1",
        "aws ssm put-nonsense",
        "aws ssm put-parameter --name a --value b --nonsense c",
        "aws ssm put-parameter --name a",
        "aws ssm put-parameter --name a --value b --type Nonsense",
        "aws budgets create-budget --account-id 1 --budget '{\"Nonsense\": 1}'",
        'aws sts get-caller-identity --query "[0"',
        "nonsense",
    ],
)
def test_what_does_not_exist_would_be_found(line: str):
    (words,) = commands(line)
    with pytest.raises((AssertionError, KeyError, StopIteration, JMESPathError, OPS_REFUSES)):
        check(Typed("nowhere", words, whole=True))


def check(one: Typed) -> None:
    program, *rest = one.words
    checks = {".venv/bin/ops": ops, "make": make, "aws": aws, ".tools/sam/bin/sam": sam}
    if program in checks:
        checks[program](rest, whole=one.whole)
    else:
        assert program in EVERYWHERE


def ops(words: list[str], *, whole: bool) -> None:
    """A command of the operator's tool; what is whole must be understood by it as it stands."""
    name, *rest = words
    if name == "--help":
        return
    command = OPS.commands[name]
    if whole and rest != ["--help"]:
        with TemporaryDirectory() as folder, chdir(folder):
            for file in filter(OF_THE_READER.fullmatch, rest):
                Path(file).touch()
            command.make_context(name, rest)
    options = {"--help", *(option for one in command.params for option in one.opts)}
    assert {word.partition("=")[0] for word in rest if word.startswith("-")} <= options


def make(words: list[str], *, whole: bool) -> None:
    """Targets and variables of the Makefile, or of the one in a folder."""
    del whole
    folder = ROOT
    if words[0] == "-C":
        folder, words = ROOT / words[1], words[2:]
    text = (folder / "Makefile").read_text()
    for word in words:
        variable, is_set, _ = word.partition("=")
        if is_set:
            assert re.search(rf"\b{variable}\b", text), variable
        else:
            assert re.search(rf"^([\w-]+ )*{re.escape(word)}( [\w-]+)*:", text, re.MULTILINE), word


def sam(words: list[str], *, whole: bool) -> None:
    del whole
    tool = ROOT / ".tools" / "sam" / "bin" / "sam"
    help_text = subprocess.run([tool, words[0], "--help"], capture_output=True, text=True, check=True).stdout
    assert {word for word in words[1:] if word.startswith("--") and word not in help_text} == set()


def aws(words: list[str], *, whole: bool) -> None:
    """An operation as AWS's own description has it, with its options, their words, and those that are required."""
    service, command, *rest = words
    if (service, command) in OF_THE_CLI:
        return
    if command == "wait":
        waiters = SESSION.get_waiter_model(service).waiter_names
        assert rest[0] in {xform_name(one, "-") for one in waiters}
        return
    model = SESSION.get_service_model(service)
    operation = model.operation_model(named(model, command))
    members: dict[str, Shape] = dict(operation.input_shape.members) if operation.input_shape else {}
    shapes = {xform_name(name, "-"): (name, shape) for name, shape in members.items()}
    given: set[str] = set()
    for option, value in options(rest):
        if option == "query":
            assert jmespath.compile(value)
        if option in FOR_ALL:
            continue
        is_no = option.startswith("no-") and option not in shapes
        name, shape = shapes[option.removeprefix("no-") if is_no else option]
        assert shape.type_name == "boolean" or not is_no
        fits(value, shape)
        given.add(name)
    required: list[str] = operation.input_shape.required_members if operation.input_shape else []
    assert not whole or given >= set(required), f"it requires {set(required) - given}"


def named(model: ServiceModel, command: str) -> str:
    return next(name for name in model.operation_names if xform_name(name, "-") == command)


def options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each option of a command with its words, joined."""
    for part in re.split(r"\x00(?=--)", "\x00" + "\x00".join(words)):
        option, _, value = part.partition("\x00")
        if option:
            assert option.startswith("--"), option
            yield option.removeprefix("--"), value


def fits(value: str, shape: Shape) -> None:
    """A word must be one of those that AWS knows, JSON must have its shape; what a person fills in may be anything."""
    known: list[str] = getattr(shape, "enum", [])
    if value.startswith(("{", "[")):
        report = ParamValidator().validate(json.loads(value), shape)
        assert not report.has_errors(), report.generate_report()
    elif known and not PLACEHOLDER.search(value):
        assert value in known
    elif shape.type_name in {"integer", "long"} and not PLACEHOLDER.search(value):
        assert value.isdecimal()


# --- examples that are no commands ---


def test_every_example_is_of_a_language_that_is_tried():
    found = {(page.name, block[2]) for page in pages() for block in FENCE.finditer(page.read_text())}
    recipe = ("CONTRIBUTING.md", "python")  # tests/project/test_recipe.py follows it
    assert {one for one in found if one[1] not in {"", "sh", "json", "sql"}} == {recipe}


def test_the_examples_of_content_are_sound():
    kinds = {next(iter(kind.model_fields)): kind for kind in OWN}
    examples = [example for page in pages() for example in blocks(page, "json")]
    for example in examples:
        parse(kinds[next(iter(json.loads(example)))], example.encode(), "the example")
    assert {next(iter(json.loads(example))) for example in examples} == set(kinds)


def test_the_questions_to_the_database_are_answered(owner: Connection):
    for page in pages():
        for block in blocks(page, "sql"):
            for statement in filter(None, map(str.strip, block.split(";"))):
                owner.execute(cast("LiteralString", statement.encode()))


# --- names ---

FOR_OPERATORS = ("Architecture.md", "Deployment.md", "Tensey_Bot_Integration.md", "Troubleshooting.md")
AWS_OWN = {
    *("AccessDenied", "AdministratorAccess", "AlarmDescription", "DelaySeconds", "FreeTierRestrictionError"),
    "UpdateStage",
}
"""Names of AWS's that look like ours."""

WIDTH, MOST_WORDS = 100, 15
UNSAID = re.compile(r"`[^`]*`|\]\([^)]*\)")
"""What a reader does not read as words: code, and where a link leads."""

MADE_LATER = {
    ".local/endpoints.json",
    "layers/shared/mastermind/commands/main/ping.py",
    "migrations/NNN_name.sql",
    "tests/commands/test_ping.py",
}
"""Files that a running game writes, that a recipe makes, or that stand for any of their kind."""


def spans(page: Path) -> list[str]:
    return INLINE.findall(FENCE.sub("", page.read_text()))


@pytest.mark.parametrize("name", FOR_OPERATORS)
def test_parameters_outputs_resources_and_metrics_are_called_as_they_are(name: str):
    ours = {one for kind in ("Parameters", "Outputs", "Resources") for one in TEMPLATE.body[kind]}
    metrics = {one["Properties"]["MetricName"] for _, one in TEMPLATE.resources("AWS::CloudWatch::Alarm")} | {
        observability.TOO_FAST,
        observability.BACKUPS,
        snapshots.TAG,
        *instances.TAGS,
    }
    said = {span for span in spans(DOCS / name) if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", span)}
    assert said - ours - metrics - AWS_OWN == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(page: Path):
    files = [path.as_posix() for path in tracked()]
    said = {span for span in spans(page) if re.fullmatch(r"[\w./-]+/[\w.-]+\.\w+", span)} - MADE_LATER
    assert {one for one in said if not any(file.endswith(f"/{one}") for file in files)} == set()


def test_the_names_that_are_kept_are_there(owner: Connection):
    page = (DOCS / "Migrations.md").read_text()
    (kept,) = re.findall(r"^Names that .+? are kept: (.+?)\.$", page, re.MULTILINE | re.DOTALL)
    for name in INLINE.findall(kept):
        assert owner.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone() == (True,), name


# --- what must stand in them ---


def table(heading: str) -> list[list[str]]:
    """The cells of the table that begins with this cell, without its head."""
    lines = DEPLOYMENT[DEPLOYMENT.index(f"| {heading} |") :].split("\n\n")[0].splitlines()
    return [[cell.strip(" `*") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_parameters_of_each_size_are_taken_by_the_template():
    for name, *values in table("parameter | 100 members"):
        declared = TEMPLATE.parameters[name]
        for value in values:
            assert re.fullmatch(declared.get("AllowedPattern", ".*"), value), name
            assert value in [str(one) for one in declared.get("AllowedValues", [value])], name
            assert "MaxValue" not in declared or declared["MinValue"] <= int(value) <= declared["MaxValue"], name
        assert values[0] == str(declared["Default"]), "the smallest size is what a first deploy makes"


def test_every_parameter_that_is_explained_exists():
    explained = {name for cell, *_ in table("parameter | is") for name in re.findall(r"\w+", cell)}
    assert explained <= set(TEMPLATE.parameters)
    assert {name for name, one in TEMPLATE.parameters.items() if "Default" not in one} <= explained


WRITTEN = [page for page in pages() if "<!-- Generated by" not in page.read_text()]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_lines_end_at_a_hundred_characters_and_cells_are_short(page: Path):
    lines = FENCE.sub("", page.read_text()).splitlines()
    prose = [line for line in lines if " " in line.strip() and not line.startswith(("|", "![", "<!--", "    "))]
    assert [line for line in prose if len(line) > WIDTH] == []
    cells = [UNSAID.sub("x", cell) for line in lines if line.startswith("|") for cell in line.split("|")]
    sentences = [sentence for cell in cells for sentence in re.split(r"[.;:?!] ", cell)]
    assert [sentence for sentence in sentences if len(sentence.split()) > MOST_WORDS] == []


STEP = re.compile(r"`([\w/.]+\.(?:py|sql|yaml))`((?:,| or|\s)+`[\w.]+`)+")


def test_every_step_of_a_walk_names_a_function_that_is_there():
    walks = (DOCS / "Architecture.md").read_text()
    steps = [(found[1], name) for found in STEP.finditer(walks) for name in INLINE.findall(found[0])[1:]]
    assert len(steps) > 30
    assert [step for step in steps if not _is_in(*step)] == []


def _is_in(file: str, name: str) -> bool:
    """Whether a file defines that: a function, a method of a class, a function of the database, a resource."""
    path = next(path for path in tracked() if f"/{path.relative_to(ROOT)}".endswith(f"/{file}"))
    defined = r"^ *(?:(?:class|def|CREATE FUNCTION) )?{}\b(?:[(:\[]| =)"
    return all(re.search(defined.format(part), path.read_text(), re.MULTILINE) for part in name.split("."))


# --- lines that run as they stand ---

BARE = re.compile(rf"(?<![\w/.-])(?:ops (?:{'|'.join(OPS.commands)})|uv (?:run|sync|pip|tool)|uvx \w+)\b")
"""A command of the tool without its folder, or one of a program that nobody need have on the PATH."""


@pytest.mark.parametrize(
    "page", [one for one in pages() if "decisions" not in one.parts], ids=lambda page: str(page.relative_to(ROOT))
)
def test_a_page_names_commands_as_they_are_typed(page: Path):
    assert BARE.findall(page.read_text()) == []


def test_what_an_alarm_and_the_tool_print_can_be_typed_as_it_stands():
    """What is printed: strings in the source, but for those that document it, and the help of each command."""
    printed = {ROOT / "template.yaml": (ROOT / "template.yaml").read_text()}
    for path in (one for one in tracked() if one.suffix == ".py" and one.relative_to(ROOT).parts[0] in PRINTS):
        tree = ast.parse(path.read_text())
        documents = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
        said = (one for one in ast.walk(tree) if isinstance(one, ast.Constant) and id(one) not in documents)
        printed[path] = "\n".join(
            one.value for one in said if isinstance(one.value, str) and "/help lists" not in one.value
        )
    printed |= {ROOT / name: command.help or "" for name, command in OPS.commands.items()}
    assert {path.name: found for path, text in printed.items() if (found := BARE.findall(text))} == {}


PRINTS = {"ops", "layers", "local", "devkit", "functions"}


# --- what a program says ---

OF_OTHERS = {"could not read from input file", "not a valid archive", "The application did not respond"}
"""Words of PostgreSQL's and Discord's."""

UNQUOTED = re.compile(r"\.\.\.|\d+|\b[A-Z]\w*[a-z][A-Z]\w*\b")
"""What differs from one message to the next: three points, numbers, names of errors."""


def test_every_message_that_the_runbook_quotes_is_one_of_ours():
    runbook = FENCE.sub("", (DOCS / "Troubleshooting.md").read_text())
    quoted = {" ".join(words.split()) for words in re.findall(r'"([^"]+)"', runbook)} - OF_OTHERS
    parts = {part.strip(" :") for words in quoted for part in UNQUOTED.split(words)}
    ours = " ".join(JOINED.sub("", path.read_text()) for path in tracked() if path.suffix in {".py", ".yaml", ""})
    assert {part for part in parts if len(part) > 3 and part not in ours} == set()


JOINED = re.compile(r'"\s*\n\s*f?"')
"""Where a message goes on in the next line of its source."""


# --- what the game costs ---


def test_the_price_of_a_month_at_the_throttle_is_that_of_what_the_limits_let_through():
    _, _, requests, refused, low = DEPLOYMENT.partition("| USD a month at the throttle |")[2].splitlines()[:5]
    rates = [float(size.parameters["ThrottleRate"]) for size in SIZES]
    assert numbers(requests) == [2 * rate + HEALTH_RATE for rate in rates]
    assert numbers(refused) == [round(at_the_throttle(rate), 2) for rate in rates]
    assert set(numbers(low)) == {round(at_the_throttle(throttle.LOW.rate), 2)}
    settings = next(one["Properties"] for _, one in TEMPLATE.resources("AWS::Serverless::Api"))["MethodSettings"]
    assert [one["ThrottlingRateLimit"] for one in settings if one["HttpMethod"] == "GET"] == [HEALTH_RATE]


def numbers(row: str) -> list[float]:
    """Those in a row's cells, without the first."""
    return [float(cell.replace(" ", "")) for cell in row.strip("|").split("|")[1:]]


def test_the_costs_add_up_and_count_the_alarms_that_there_are():
    table = DEPLOYMENT.partition("| USD a month |")[2].partition("\n\n")[0].splitlines()[2:]
    rows = {
        cells[0]: cells[1:] for cells in ([cell.strip(" *") for cell in row.strip("|").split("|")] for row in table)
    }
    sums = [float(cell) for cell in rows.pop("sum")]
    assert sums == [round(sum(map(float, column)), 2) for column in zip(*rows.values(), strict=True)]
    [alarms] = [label for label in rows if "alarms" in label]
    always = [one for _, one in TEMPLATE.resources("AWS::CloudWatch::Alarm") if "Condition" not in one]
    assert alarms.startswith(f"{len(always)} alarms")
    assert f"costs its own {sums[0]:.2f} and 4.40 more" in " ".join(DEPLOYMENT.split())
    budget = json.loads(re.findall(r"--budget '(.+)'", DEPLOYMENT)[0])
    assert float(budget["BudgetLimit"]["Amount"]) > sums[0]
