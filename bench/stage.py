"""What is measured, and where it runs: the built functions between a queue and a database as production has them.

Both are reached through TLS and verified, and the database is entered with IAM tokens.
"""

from __future__ import annotations

import json
import time
from compileall import compile_dir
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, override

from devkit import command_ids
from devkit import discord_client as discord
from devkit.postgres import OWNER
from devkit.processes import ChildProcesses
from devkit.rds import HOST, Principal, like_rds
from devkit.template import Template
from devkit.tls import Authority, Proxy, new_rsa_key
from local.builder import build
from local.cloud import BUILDS, EMULATOR_PYTHON, ROOT
from local.deployer import parts
from local.emulator import Emulator
from mastermind.bot.registry import APPS, names
from mastermind.config import AwsCredentials
from mastermind.deadline import Deadline
from mastermind.gateways.tls import AMAZON
from mastermind.operations.migrations import runner as migrations

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from devkit.json_types import Json
    from devkit.rds import Rds

PEERS = Path(__file__).with_name("peers")
PEER_PACKAGES = ROOT / ".tools" / "peers" / "lib" / "python3.13" / "site-packages"
GUILD, APPLICATION = 700_000_000_000_000_001, 700_000_000_000_000_002
MEMBER = discord.User(id=700_000_000_000_000_003)
PLACE = discord.Place(APPLICATION, GUILD)
REGION = "us-east-1"
ACCOUNT = "000000000000"
TOKEN = "IQoJb3JpZ2luX2Vj" + "Zm9yIHRoZSBiZW5jaCBvbmx5+/" * 40
"""As long as the session token of a function is."""
FUNCTIONS = {"main": "InteractionsMain", "tensey": "InteractionsTensey", "award": "XpAward"}
UNLIMITED = ("STATS", "TICKS", "PAGING", "LEADERBOARD", "OTHER", "ADMIN")
"""The limits that twenty thousand calls in a minute would meet."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The built functions, an environment for each, and signed events for all.

    With the variables of `plain_database` they reach the database without TLS and token, with those of `plain_queue`
    the queue without TLS.
    """

    folder: Path
    owner_url: str
    builds: Mapping[str, Path]
    shared: Mapping[str, str]
    plain_database: dict[str, str]
    plain_queue: dict[str, str]
    private_key: bytes
    users: Mapping[str, str]
    events: dict[str, Path] = field(default_factory=dict[str, Path])

    @property
    def layer(self) -> Path:
        return self.builds["SharedLayer"]

    def path(self, app: str) -> list[Path]:
        """What a function sees: its own package and the layer."""
        return [self.builds[FUNCTIONS[app]], self.layer / "python"]

    def environment(self, app: str) -> dict[str, str]:
        """A function's, as in production."""
        return {**self.shared, "DATABASE_USER": self.users[app], "AWS_ACCESS_KEY_ID": f"ASIA{FUNCTIONS[app]}"}

    def written(self, app: str, name: str, payloads: Sequence[Json]) -> str:
        """The file of signed events with these payloads."""
        file = self.folder / f"{app}-{name}.json"
        file.write_text(json.dumps([self._event(app, payload) for payload in payloads]), encoding="utf-8")
        return str(file)

    def _event(self, app: str, payload: Json) -> Json:
        body = json.dumps(payload)
        return {
            "resource": f"/interactions/{app}",
            "httpMethod": "POST",
            "path": f"/interactions/{app}",
            "headers": {
                "Host": "localhost",
                "Content-Type": "application/json",
                **discord.signed_headers(self.private_key, body.encode(), time.time()),
            },
            "queryStringParameters": None,
            "body": body,
            "isBase64Encoded": False,
            "requestContext": {"requestId": "bench", "stage": "v1", "identity": {"sourceIp": "127.0.0.1"}},
        }


class _EmulatorProxy(Proxy):
    """TLS in front of the emulator, which answers to its own name alone."""

    @override
    def translate(self, words: bytes) -> bytes:
        return words.replace(f"Host: {HOST}:{self.port}".encode(), f"Host: 127.0.0.1:{self.target}".encode(), 1)


@contextmanager
def stage(folder: Path) -> Generator[Stage]:
    """Build, and start everything that the functions need."""
    folder.chmod(0o755)  # the database's user reads its own part
    template = Template.read(ROOT / "template.yaml")
    principals = {app: principal(template, function) for app, function in FUNCTIONS.items()}
    with ExitStack() as started:
        rds = started.enter_context(like_rds(folder, template, REGION, list(principals.values())))
        migrations.apply(rds.server.settings(OWNER), ROOT / "migrations", Deadline.after(60))
        emulator = started.enter_context(emulated(folder))
        authority = _authority(folder / "queues")
        queue = started.enter_context(_EmulatorProxy(authority.issue(HOST), emulator.port))
        _write_bundle(folder / "amazon.pem", AMAZON, authority.certificate)
        _write_bundle(folder / "rds.pem", ROOT / "layers" / "shared" / "rds-ca" / f"{REGION}.pem", rds.authority)
        builds = build(parts(template, ROOT), BUILDS)
        private_key = discord.new_private_key()
        shared = _environment(folder, rds, emulator, queue, discord.public_key(private_key).hex())
        plain = {
            "DATABASE_PORT": str(rds.server.port),
            "DATABASE_SSLMODE": "disable",
            "DATABASE_PASSWORD": "not asked for",
        }
        folders = {name: each.folder for name, each in builds.items()}
        users = {app: one.user for app, one in principals.items()}
        http, owner_url = {"AWS_ENDPOINT_URL": emulator.url}, rds.server.owner_url
        yield Stage(folder, owner_url, folders, shared, plain, http, private_key, users)


@contextmanager
def emulated(folder: Path) -> Generator[Emulator]:
    children = ChildProcesses(folder / "children")
    emulator = Emulator(folder / "emulator", EMULATOR_PYTHON, children)
    try:
        emulator.choose_address()
        emulator.start("", ())
        yield emulator
    finally:
        emulator.stop()
        children.close()


def principal(template: Template, function: str) -> Principal:
    """A function's credentials, and the database user that its role in the template may connect as."""
    policies: list[Json] = template.body["Resources"][f"{function}Role"]["Properties"]["Policies"]
    statements: list[Json] = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    [resource] = [one["Resource"]["Fn::Sub"][0] for one in statements if one["Action"] == "rds-db:connect"]
    return Principal(AwsCredentials(f"ASIA{function}", "of the bench", TOKEN), resource.rpartition("/")[2])


def _environment(folder: Path, rds: Rds, emulator: Emulator, queue: Proxy, public_key: str) -> dict[str, str]:
    """What the functions share."""
    return {
        "PYTHONHASHSEED": "0",  # the same order of sets, so the same number each time
        "LC_ALL": "C.UTF-8",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "of the bench",
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_ENDPOINT_URL": f"https://{HOST}:{queue.port}/{emulator.secret}",
        "AWS_CA_BUNDLE": str(folder / "amazon.pem"),
        **{f"{name}_QUEUE_URL": _queue(emulator, name) for name in ("XP_AWARDS", "NOTICES", "JOBS")},
        "EXPORT_BUCKET": "exports",
        "DISCORD_APPLICATION_ID": str(APPLICATION),
        "DISCORD_GUILD_ID": str(GUILD),
        "COMMAND_IDS": command_ids.written(
            command_ids.made_up(APPLICATION, (name for app in APPS for name in names(app)))
        ),
        "DISCORD_PUBLIC_KEY": public_key,
        "DATABASE_HOST": HOST,
        "DATABASE_PORT": str(rds.port),
        "DATABASE_SSLROOTCERT": str(folder / "rds.pem"),
        **{f"LIMIT_{pace}": "60000/s:60000" for pace in UNLIMITED},
    }


def _authority(folder: Path) -> Authority:
    folder.mkdir()
    return Authority(folder, new_rsa_key)


def _write_bundle(file: Path, real: Path, own: Path) -> None:
    """Certificates as many as in production, and one more: that of our stand-ins."""
    file.write_text(real.read_text(encoding="utf-8") + own.read_text(encoding="utf-8"), encoding="utf-8")


def _queue(emulator: Emulator, name: str) -> str:
    import boto3

    client = boto3.client(
        "sqs",
        region_name=REGION,
        endpoint_url=emulator.url,
        aws_access_key_id="test",
        aws_secret_access_key=emulator.secret,
    )
    url = client.create_queue(QueueName=name, Attributes={"DelaySeconds": "60"})["QueueUrl"]
    client.close()
    return url


def bootstrap(folder: Path) -> Path:
    """A folder with Lambda's own bootstrap, which every function's process has loaded before ours."""
    into = folder / "bootstrap"
    into.mkdir(exist_ok=True)
    found = find_spec("awslambdaric")
    assert found is not None
    assert found.origin is not None
    home = Path(found.origin).parents[1]
    for name in ("awslambdaric", "simplejson", *(part.name for part in home.glob("runtime_client*.so"))):
        if not (into / name).exists():
            (into / name).symlink_to(home / name)
    for name in ("awslambdaric", "simplejson"):
        compile_dir(home / name, quiet=1)  # or the first process would, and be counted with it
    return into


def size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
