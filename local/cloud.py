"""The whole local cloud: PostgreSQL, the emulator, the runner, the stack; started in order, watched, stopped.

Everything listens on 127.0.0.1 and on free ports, and nothing outlives this process. All data is in one folder
(`.local/`). PostgreSQL is the source of truth; the rest can be rebuilt.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from devkit.discord_server.server import DiscordServer, Limit
from devkit.ports import free_port
from devkit.postgres import Postgres
from devkit.processes import ChildProcesses, Watchdog
from devkit.template import Template
from local import builder, deployer, endpoints, provided, registered, sample
from local.alarms import EVERY, Evaluator
from local.aws import Aws
from local.changes import Changes, Code
from local.emulator import Emulator
from local.lambda_runtime import prepare_runtime
from local.logs import LogReader, make_private
from local.runner import Runner
from local.supervisor import SupervisedPart
from local.webhooks import Webhooks
from simulator import address, guild
from simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from devkit.json_types import Json
    from local.changes import Commands
    from local.execution import Deployment

ROOT = Path(__file__).parent.parent
STACK = "mastermind"
EMULATOR_PYTHON = ROOT / ".tools" / "emulator" / "bin" / "python"
BUILDS = ROOT / ".local" / "build"
# What FRESH=1 leaves: the lock we hold, the page's address, and builds, which are named by their contents.
KEPT = {endpoints.LOCK, address.FILE, "build"}
SAVE = 30  # seconds between two saves of the emulator's state: what a kill may lose
DAILY = timedelta(hours=20)  # a little less than a day, for machines that are off at night
EVER = datetime.min.replace(tzinfo=UTC)
DISCORDS = Limit(5, 5.0)  # requests in seconds, of each route: what Discord usually allows in a channel
LOOK = 0.25  # seconds between two checks of the parts


class AlreadyRunningError(Exception):
    """A local cloud is running in this folder; says where its page is."""


class Progress(Protocol):
    """Notified of each step while the cloud starts, and of what happens while it runs."""

    def step(self, what: str) -> None: ...
    def note(self, what: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run: the data folder, whether to delete its data first, and some durations in seconds.

    `xp_delay` is from a tick to its XP, `health_period` is that of the alarm on the game's health, `look_at_alarms`
    is between two evaluations, `announcements_channel` is where the bot announces (0: a webhook does it instead).
    `sample` says whether a game without members begins with a sample community, `watch_code` whether a change of the
    code is served while it runs.
    `limits` are rate-limit parameters of the template that differ from its defaults.
    """

    folder: Path
    fresh: bool = False
    sample: bool = False
    watch_code: bool = False
    xp_delay: int = 60
    health_period: int = 300
    alarms_every: float = EVERY
    announcements_channel: int = 0
    limits: Mapping[str, str] = field(default_factory=dict[str, str])


class Cloud:
    """One local cloud: `start`, then `watch` until a stop is requested, then always `stop`."""

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self._settings, self._progress = settings, progress
        self.folder = settings.folder.resolve()
        self._lock: TextIO | None = None
        self._cleanups: list[Callable[[], None]] = []
        self._pool = ThreadPoolExecutor(3, thread_name_prefix="start")  # Ctrl-C cannot interrupt its work
        self._watchdog: Watchdog | None = None
        self._is_postgres_stopped_on_purpose = False  # by the page, so it is not restarted
        self._snapshot_at = EVER
        self.endpoints: Json = {}

    # --- starting ---

    def start(self) -> Json:
        """Start everything. Returns the endpoints, which are written to `endpoints.json` as well.

        Raises AlreadyRunningError, BuildError, DeployError, EmulatorError, PostgresError or SampleError; `stop` cleans
        up.
        """
        self._claim_folder()
        begin = self._pool.submit
        client = begin(lambda: Aws("http://127.0.0.1").cloudformation)  # imports what deploying needs
        self._prepare_code()
        self._prepare_aws()
        self._prepare_discord()
        self._progress.step("Starting PostgreSQL and the AWS emulator")
        if not (self.folder / "postgres" / "data").exists():
            self._forget_stack()  # or the old stack would assume that the new database has its migrations
        self.emulator.choose_address()
        for part in (begin(self._start_postgres), begin(self._start_emulator), client):
            part.result()
        self._deploy_if_needed()
        self._store_secrets()
        self.postgres.set_role_passwords()
        self._play_sample_if_wanted()
        self._snapshot_if_due()
        self._write_endpoints()
        self._cleanups.append(lambda: (self.folder / endpoints.FILE).unlink(missing_ok=True))
        self._start_alarms_and_metrics()
        if self._settings.watch_code:
            self._changes.start()
        self.simulator.begin()
        return self.endpoints

    def _claim_folder(self) -> None:
        """Lock the folder, and end what an earlier cloud left running in it."""
        os.umask(0o077)  # what this process and its children write is for this user alone
        make_private(self.folder)
        self._lock = (self.folder / endpoints.LOCK).open("a+", encoding="ascii")
        if not endpoints.take(self._lock):
            self._lock.close()
            self._lock = None
            raise AlreadyRunningError(self._who_runs())
        (self.folder / endpoints.FILE).unlink(missing_ok=True)
        self.children = ChildProcesses(self.folder / "processes.json")
        self._cleanups.append(self.children.close)
        if orphans := self.children.kill_orphans():
            self._progress.note(f"Ended {orphans} processes that an earlier run had left behind.")
        if self._settings.fresh or sample.is_unfinished(self.folder):
            self._delete_data()

    def _who_runs(self) -> str:
        running = endpoints.read(self.folder)
        where = f"Its page is {running['page_url']}" if running else "It is still starting, or stopping"
        return f"A local cloud already runs in {self.folder}. {where}; Ctrl-C in its terminal stops it."

    def _delete_data(self) -> None:
        self._progress.step("Deleting the game of last time")
        Postgres(self.folder / "postgres").destroy()
        for path in self.folder.iterdir():
            if path.name not in KEPT:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _prepare_code(self) -> None:
        self._progress.step("Building the functions and their layer")
        self.known = endpoints.discord(self.folder)
        self.commands = registered.commands()
        serve = self._pool.submit  # as with restarts, no Ctrl-C can interrupt it
        self._changes = Changes(
            ROOT,
            deployer.parts(Template.read(ROOT / "template.yaml"), ROOT),
            lambda commands: serve(self._serve_code, commands).result(),
            self._progress.note,
        )
        self._cleanups.append(self._changes.stop)
        builds = self._build()
        layers = [build.folder for build in builds.values() if build.is_layer]
        self._content = sample.content_of(layers, self._template.parameters["TimeZone"]["Default"])

    def _prepare_aws(self) -> None:
        self.logs = LogReader(self.folder / "logs")
        self._cleanups.append(self.logs.close)
        self.webhooks = Webhooks()
        self._cleanups.append(self.webhooks.stop)
        self.postgres = Postgres(self.folder / "postgres")
        self.emulator = Emulator(self.folder / "emulator", EMULATOR_PYTHON, self.children)
        runtime = prepare_runtime(self.folder / "runtime")
        self.runner = Runner(runtime, self.children, self.logs, self._deployment, self._overlay)
        self._cleanups.append(self.runner.stop)

    def _prepare_discord(self) -> None:
        self.simulator = Simulator(self)
        self._cleanups.append(self.simulator.stop)
        if port := self.simulator.taken_port:
            self._progress.note(f"Port {port} is taken by another program: the page is at another address this time.")
        community = guild.community(self.known, self.simulator.personas)
        self._bot_token = secrets.token_urlsafe(32)
        self.discord = DiscordServer(community, self._bot_token, limit=DISCORDS)
        self._cleanups.append(self.discord.stop)

    def _build(self) -> dict[str, builder.Build]:
        """Build what is on the disk now, for the deployer."""
        self._template = Template.read(ROOT / "template.yaml")
        builds = builder.build(deployer.parts(self._template, ROOT), BUILDS)
        self.deployer = deployer.Deployer(
            STACK, self._template, builds, provided.parameters(self.known, self._settings)
        )
        return builds

    def _start_postgres(self) -> None:
        self._cleanups.append(self._stop_postgres)
        self._run_postgres(None)

    def _run_postgres(self, port: int | None) -> None:
        try:
            self.postgres.start(port)
        except Exception:
            self.postgres.crash()  # it may be running, but only half set up
            raise
        self._watchdog = Watchdog(self.postgres.pid, signal.SIGQUIT)

    def _stop_postgres(self) -> None:
        self.postgres.stop()
        if self._watchdog is not None:
            self._watchdog.close()

    def _start_emulator(self) -> None:
        self._cleanups.append(self.emulator.stop)
        self.emulator.start(self.runner.url, self.deployer.function_names)
        self.aws = Aws(self.emulator.url)
        self._cleanups.append(self._close_clients)

    def _close_clients(self) -> None:
        self.aws.close()

    def _deploy_if_needed(self) -> None:
        if self.deployer.is_deployed(self.aws):
            return
        say = self._progress.note if self.endpoints else self._progress.step
        say("Deploying the stack, and the migrations with it")
        if self.deployer.is_broken(self.aws):
            self._restart_emulator_without_state()
        self.runner.refresh()
        self.deployer.deploy(self.aws, self.runner.failure_of)
        self.runner.refresh()
        self.emulator.save()

    def _restart_emulator_without_state(self) -> None:
        self.emulator.stop()
        self._forget_stack()
        self.emulator.start(self.runner.url, self.deployer.function_names)

    def _forget_stack(self) -> None:
        for name in ("state", "s3"):
            shutil.rmtree(self.folder / "emulator" / name, ignore_errors=True)

    def _store_secrets(self) -> None:
        """What an operator stores in SSM by hand. The local webhooks have another port after each start."""
        outputs = self.deployer.outputs(self.aws)
        for webhook in ("announcements", "admins", "alerts"):
            name, url = outputs[f"{webhook.title()}Parameter"], self.webhooks.url(webhook)
            self.aws.ssm.put_parameter(Name=name, Value=url, Type="SecureString", Overwrite=True)
        name, token = outputs["BotTokenParameter"], self._bot_token
        self.aws.ssm.put_parameter(Name=name, Value=token, Type="SecureString", Overwrite=True)

    def _play_sample_if_wanted(self) -> None:
        """No function runs meanwhile: the clock of the database is moved."""
        if self._settings.sample and sample.is_empty(self.postgres.owner_url):
            self._progress.step("Playing eight weeks of a sample community (EMPTY=1 starts without)")
            ids = self.simulator.settle(sample.NAMES)
            with self.runner.paused():
                sample.begin(self.folder, self.postgres.owner_url, self._content, ids)

    def _snapshot_if_due(self) -> None:
        """What RDS does: an automated snapshot when the instance is created, and one each day."""
        instance, now = self.deployer.outputs(self.aws)["DatabaseIdentifier"], datetime.now(UTC)
        made = self.aws.rds.describe_db_snapshots(DBInstanceIdentifier=instance)["DBSnapshots"]
        self._snapshot_at = max(
            (one["SnapshotCreateTime"] for one in made if "SnapshotCreateTime" in one), default=EVER
        )
        if now - self._snapshot_at > DAILY:
            name = f"rds:{instance}-{now:%Y-%m-%d-%H-%M}"
            self.aws.rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=instance)
            self._snapshot_at = now

    def _write_endpoints(self) -> None:
        self.endpoints = endpoints.describe(
            self.known,
            self.deployer.outputs(self.aws),
            self.deployer.function_names,
            stack=STACK,
            page=self.simulator.url,
            database=self.postgres.owner_url,
            aws=self.emulator.url,
            apis=self.emulator.origin,
            webhooks=self.webhooks.received_url,
            discord=self.discord.url,
        )
        endpoints.write(self.folder, self.endpoints)

    def _start_alarms_and_metrics(self) -> None:
        self.logs.send_metrics_to(lambda: self.aws.cloudwatch, self._failed("metrics"))
        every = self._settings.alarms_every
        self.alarms = Evaluator(lambda: self.aws, self.emulator, self._failed("alarms"), every)
        self._cleanups.append(self.alarms.stop)
        self.alarms.start()

    def _failed(self, part: str) -> Callable[[Exception], None]:
        return lambda error: self.logs.write("local", f"{part}: {type(error).__name__}: {error}")

    # --- changes of the code ---

    @property
    def code(self) -> Code:
        """Which code is served, and what keeps the newest from it."""
        return self._changes.code

    def _serve_code(self, commands: Commands) -> None:
        """Build and deploy it as a start would; calls that run end with the code they began with."""
        names = {app: [command["name"] for command in those] for app, those in commands.items()}
        self.known = endpoints.with_commands(self.known, names)
        self._build()
        self._deploy_if_needed()
        self.runner.refresh()
        self.commands = commands
        self._write_endpoints()

    # --- what the functions get ---

    def _deployment(self, name: str) -> Deployment:
        return self.deployer.deployment(self.aws, name)

    def _overlay(self, deployment: Deployment) -> Mapping[str, str]:
        role = deployment.environment.get("DATABASE_USER", "")
        if role.startswith("app_") and not self.endpoints:  # the deploy itself calls the functions
            self.postgres.set_role_passwords()
        database = self.postgres.settings(role) if role else None
        return provided.variables(deployment, self.emulator, self.discord.url, database)

    # --- what the simulator asks ---

    def cold_calls(self, function: str) -> int:
        """How many calls of a function (such as "interactions-main") needed a new process so far."""
        return self.runner.counts[f"{STACK}-{function}"].cold

    def stop_postgres(self) -> None:
        """Stop PostgreSQL until `start_postgres`."""
        self._is_postgres_stopped_on_purpose = True
        self._pool.submit(self._stop_postgres).result()

    def start_postgres(self) -> None:
        """Start PostgreSQL again on its port."""
        self._pool.submit(self._restart_postgres).result()
        self._is_postgres_stopped_on_purpose = False

    # --- watching ---

    def watch(self, enough: Callable[[float], bool]) -> None:
        """Restart what ends, until `enough` (which waits the given seconds) returns True; raises GaveUpError."""
        note, whole = self._progress.note, self._pool.submit
        parts = (
            SupervisedPart(
                "PostgreSQL", self._is_postgres_as_wanted, lambda: whole(self._restart_postgres).result(), note
            ),
            SupervisedPart(
                "The AWS emulator", self.emulator.is_running, lambda: whole(self._restart_emulator).result(), note
            ),
        )
        saved = time.monotonic()
        while not enough(LOOK):
            for part in parts:
                part.check()
            if time.monotonic() - saved > SAVE:
                self._save()
                saved = time.monotonic()

    def _is_postgres_as_wanted(self) -> bool:
        return self.postgres.running or self._is_postgres_stopped_on_purpose

    def _save(self) -> None:
        try:
            self.emulator.save()
            if datetime.now(UTC) - self._snapshot_at > DAILY:
                self._snapshot_if_due()
        except Exception as error:  # noqa: BLE001 (the emulator has just ended: the next check notices)
            self._failed("saving")(error)

    # Both are called again after a failure, perhaps halfway: they are idempotent.

    def _restart_postgres(self) -> None:
        """It comes back on its port, unless another process took that in between."""
        if not self.postgres.running:
            self._stop_postgres()
            self._run_postgres(free_port(self.postgres.port))
        if self.postgres.owner_url != self.endpoints["database_url"]:
            self.runner.refresh()
            self._write_endpoints()

    def _restart_emulator(self) -> None:
        """It comes back in its last saved state (see SAVE); the sweep applies awards whose messages were lost."""
        if not self.emulator.is_running():
            self.emulator.choose_address()
            self.emulator.start(self.runner.url, self.deployer.function_names)
            self.aws.close()
            self.aws = Aws(self.emulator.url)
            self.runner.refresh()
        self._deploy_if_needed()
        self._store_secrets()
        self._snapshot_if_due()
        self._write_endpoints()

    # --- stopping ---

    def stop(self) -> None:
        """Stop everything that was started, in reverse order; safe after a start that failed anywhere."""
        self._pool.shutdown(cancel_futures=True)  # waits for what is still starting
        while self._cleanups:
            ending = self._cleanups.pop()
            try:
                ending()
            except Exception as error:  # noqa: BLE001 (the others must be stopped as well)
                self._progress.note(f"A part did not stop cleanly: {error}")
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def folder() -> Path:
    """The folder of the local cloud: LOCAL_DIR, or `.local/` in the project."""
    return Path(os.environ.get("LOCAL_DIR") or ROOT / ".local")
