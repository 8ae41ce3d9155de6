"""A deploy that is not fit to stay goes back by itself, code and all, and the game goes on with the version before."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from devkit.discord_client import DiscordClient, Place, User, new_private_key, ping, signed_headers, snowflake
from devkit.template import Template
from local import builder, deployer
from local.cloud import BUILDS, ROOT, STACK, Cloud
from local.deployer import Deployer, DeployError
from mastermind.postgres import schema
from tests.cloud.running import cloud_running, settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from local.builder import Build

TEMPLATE = Template.read(ROOT / "template.yaml")

# What somebody broke: the file in the layer, its words, and the words in their place.
NO_SIGNATURE = ("entrypoints/endpoint.py", "        self._verify(request)\n", "")
NO_MIGRATION = ("postgres/schema.py", "\nNEEDED = ", "\nNEEDED = 9")
NO_HANDLER = ("entrypoints/interactions.py", "\ndef handler(", "\ndef handler_of(")

LATER = f"{schema.NEEDED + 1:03}_later.sql"

pytestmark = pytest.mark.timeout(900)


@dataclass
class Stack:
    """A running cloud, and versions of it in a folder of their own."""

    cloud: Cloud
    good: Mapping[str, Build]
    folder: Path

    def version(self, name: str, logical_id: str) -> Build:
        """A copy of a good build that a test may change, beside the good one, where a rollback finds that again."""
        build = self.good[logical_id]
        place = self.folder / logical_id
        place.mkdir(exist_ok=True)
        if not (place / build.key).exists():
            (place / build.key).symlink_to(build.folder)
        fresh = replace(build, folder=place / name.rjust(len(build.key), "0"), key=name)
        shutil.copytree(build.folder, fresh.folder)
        return fresh

    def layer(self, name: str, file: str, words: str, instead: str) -> Build:
        build = self.version(name, "SharedLayer")
        source = build.folder / "python" / "mastermind" / file
        text = source.read_text()
        assert text.count(words) == 1, words
        source.write_text(text.replace(words, instead))
        for compiled in (source.parent / "__pycache__").glob(f"{source.stem}.*"):
            compiled.unlink()
        return build

    def deploy(self, *builds: Build) -> None:
        """Deploy the good version with these in the place of its own."""
        self.cloud.deployer = Deployer(
            STACK, TEMPLATE, {**self.good, **{build.logical_id: build for build in builds}}, self._parameters()
        )
        self.cloud.deployer.deploy(self.cloud.aws, lambda _: None)

    def _parameters(self) -> dict[str, str]:
        (stack,) = self.cloud.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        return {one.get("ParameterKey", ""): one.get("ParameterValue", "") for one in stack.get("Parameters", [])}

    @property
    def status(self) -> str:
        (stack,) = self.cloud.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        return stack["StackStatus"]

    def forged(self, app: str) -> int:
        """What the endpoint answers to a stranger's PING."""
        known = self.cloud.endpoints["apps"][app]
        place = Place(int(known["application_id"]), int(self.cloud.endpoints["guild_id"]))
        body = json.dumps(ping(place)).encode()
        headers = signed_headers(new_private_key(), body, time.time())
        return httpx.post(known["interactions_url"], content=body, headers=headers, timeout=60).status_code

    def health(self) -> int:
        url = self.cloud.endpoints["apps"]["main"]["interactions_url"].replace("/interactions/main", "/health")
        return httpx.get(url, timeout=60).status_code

    def serves(self) -> bool:
        with closing(DiscordClient.from_endpoints(self.cloud.endpoints, "main")) as main:
            return "Level" in main.command("scorecard", user=User(snowflake(), "Kim")).text

    def migrations(self) -> set[str]:
        with closing(psycopg.connect(self.cloud.postgres.owner_url)) as conn:
            return {name for (name,) in conn.execute("SELECT name FROM schema_migrations")}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with cloud_running(settings(tmp_path_factory.mktemp("cloud"))) as cloud:
        good = builder.build(deployer.parts(TEMPLATE, ROOT), BUILDS)
        yield Stack(cloud, good, tmp_path_factory.mktemp("versions"))


@pytest.mark.parametrize(
    ("name", "broken", "reason"),
    [
        ("unsigned", NO_SIGNATURE, r"main: takes a forged signature: it answers 200.*tensey: takes a forged signature"),
        ("unmigrated", NO_MIGRATION, r"database: it has migration \d+, the code needs 9\d+; health: GET /health"),
        ("unmade", NO_HANDLER, r"main: answers 50\d to a forged signature instead of 401"),
    ],
)
def test_a_version_that_is_not_fit_to_stay_is_rolled_back_and_the_one_before_serves(
    stack: Stack, name: str, broken: tuple[str, str, str], reason: str
):
    with pytest.raises(DeployError, match=f"DeployCheck: The version that was deployed is not fit to stay: .*{reason}"):
        stack.deploy(stack.layer(name, *broken))
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert (stack.forged("main"), stack.forged("tensey"), stack.health()) == (401, 401, 200)
    assert stack.serves()


def test_a_good_version_stays(stack: Stack):
    build = stack.version("good", "InteractionsMain")
    with (build.folder / "handler.py").open("a") as handler:
        handler.write('GREETING = "a new version"\n')
    stack.deploy(build)
    assert stack.status == "UPDATE_COMPLETE"
    deployed = stack.cloud.deployer.deployment(stack.cloud.aws, f"{STACK}-interactions-main")
    assert deployed.code == build.folder
    assert (stack.forged("main"), stack.health()) == (401, 200)
    assert stack.serves()


def test_a_rollback_leaves_the_database_ahead_and_the_version_before_is_content_with_that(stack: Stack):
    """Last of all: the database of this cloud never goes back."""
    before = stack.migrations()
    migrate = stack.version("ahead", "Migrate")
    (migrate.folder / "migrations" / LATER).write_text("-- Why: a test.\nCREATE TABLE later (id bigint PRIMARY KEY);\n")
    with pytest.raises(DeployError, match="takes a forged signature"):
        stack.deploy(stack.layer("unsignedtoo", *NO_SIGNATURE), migrate)
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.migrations() == before | {LATER.removesuffix(".sql")}
    assert (stack.forged("main"), stack.health()) == (401, 200)
    assert stack.serves()
