"""Every function that enters the database, on a PostgreSQL that behaves as RDS does, with the template's settings."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import psycopg
import pytest

from devkit import discord_client as discord
from devkit.postgres import OWNER
from devkit.rds import HOST, Principal, Tokens, like_rds, parameters
from devkit.template import Template
from devkit.tls import Authority, PostgresProxy
from mastermind import __version__
from mastermind.config import AwsCredentials, AwsSettings, DatabaseSettings
from mastermind.deadline import Deadline
from mastermind.entrypoints import award, interactions, migrate, resources
from mastermind.entrypoints.resources import Lazy
from mastermind.errors import Unavailable
from mastermind.gateways import credentials as gateway
from mastermind.gateways import rds as tokens
from mastermind.postgres import schema
from mastermind.postgres.database import Database
from tests.conftest import MIGRATIONS
from tests.discord.signing import PUBLIC_KEY, rest_event, signed_event
from tests.gateways import lender_stand_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devkit.json_types import Json
    from devkit.rds import Rds
    from mastermind.entrypoints.invocation import Context, LambdaHandler
    from tests.gateways.lender_stand_in import Lender

TEMPLATE = Template.read(Path(__file__).parents[2] / "template.yaml")
REGION = "eu-central-1"
FUNCTIONS = ("InteractionsMain", "InteractionsTensey", "XpAward")
PLACE, ALEX = discord.Place(11, 22), discord.User(101, "Alex")
HEALTH = rest_event("/health", None, {}, method="GET")
NOWHERE = "http://127.0.0.1:9"  # no queue: the sweep finds the award
ENVIRONMENT = {
    "AWS_REGION": REGION,
    "AWS_ENDPOINT_URL": NOWHERE,
    "XP_AWARDS_QUEUE_URL": f"{NOWHERE}/000000000000/XpAwards",
    "XP_DELAY_SECONDS": "0",
    "DISCORD_APPLICATION_ID": "11",
    "DISCORD_PUBLIC_KEY": PUBLIC_KEY.hex(),
    "DISCORD_GUILD_ID": "22",
}


@dataclass(frozen=True, slots=True)
class Invocation:
    """What Lambda passes to a handler."""

    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def principal(function: str) -> Principal:
    """The credentials of a function, and the user that its role in the template may connect as."""
    policies: list[Json] = TEMPLATE.body["Resources"][f"{function}Role"]["Properties"]["Policies"]
    statements: list[Json] = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    [resource] = [one["Resource"]["Fn::Sub"][0] for one in statements if one["Action"] == "rds-db:connect"]
    credentials = AwsCredentials(f"ASIA{function}", f"secret of {function}", f"session/+= of {function}")
    return Principal(credentials, resource.rpartition("/")[2])


PRINCIPALS = {function: principal(function) for function in FUNCTIONS}


@dataclass
class Deployed:
    """The functions, with the environment that the template gives them, on one instance."""

    rds: Rds
    monkeypatch: pytest.MonkeyPatch
    opened: ExitStack = field(default_factory=ExitStack)
    lender: Lender | None = None

    def main(self) -> LambdaHandler:
        return self._function("InteractionsMain", partial(interactions.handler, "main"))

    def tensey(self) -> LambdaHandler:
        return self._function("InteractionsTensey", partial(interactions.handler, "tensey"))

    def award(self) -> LambdaHandler:
        return self._function("XpAward", award.handler)

    def migrate(self) -> Json:
        self._enter("Migrate")
        master = {"host": HOST, "port": self.rds.port, "username": OWNER, "password": self.rds.server.password(OWNER)}
        return migrate.runner(beside=str(MIGRATIONS))({"connection": master}, Invocation())

    def _function(self, name: str, make: Callable[[Callable[[], Database]], LambdaHandler]) -> LambdaHandler:
        handler = make(self.opened.enter_context(closing(Lazy(resources.database))))

        def invoke(event: Json, context: Context) -> Json:
            self._enter(name)  # its settings are read by its first invocation
            return handler(event, context)

        return invoke

    def lent_by(self, lender: Lender) -> None:
        """From now on Lambda gives the functions no keys, but lends them some, as under SnapStart."""
        self.lender = lender

    def _enter(self, function: str) -> None:
        variables: Json = TEMPLATE.body["Resources"][function]["Properties"]["Environment"]["Variables"]
        for name, value in variables.items():
            if name.startswith("DATABASE_"):
                self.monkeypatch.setenv(name, value if isinstance(value, str) else self._resolved(value))
        if self.lender is not None:
            self.lender.always = PRINCIPALS[function].credentials
            for name, value in self.lender.environment.items():
                self.monkeypatch.setenv(name, value)
        elif function in PRINCIPALS:
            credentials = PRINCIPALS[function].credentials
            self.monkeypatch.setenv("AWS_ACCESS_KEY_ID", credentials.access_key_id)
            self.monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key)
            self.monkeypatch.setenv("AWS_SESSION_TOKEN", credentials.session_token or "")

    def _resolved(self, written: Json) -> str:
        return {
            "Endpoint.Address": HOST,
            "Endpoint.Port": str(self.rds.port),
            "/opt/rds-ca/${AWS::Region}.pem": str(self.rds.authority),
        }[written["Fn::GetAtt"][1] if "Fn::GetAtt" in written else written["Fn::Sub"]]


@pytest.fixture(scope="module")
def rds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rds]:
    """An instance on which nothing has been deployed yet."""
    with like_rds(tmp_path_factory.mktemp("rds"), TEMPLATE, REGION, list(PRINCIPALS.values())) as rds:
        yield rds


@pytest.fixture(scope="module")
def first_deploy(rds: Rds) -> Json:
    """What the first deploy's migrations answer."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        return Deployed(rds, monkeypatch).migrate()


@pytest.fixture
def deployed(rds: Rds, first_deploy: Json, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    assert "failure" not in first_deploy
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    deployed = Deployed(rds, monkeypatch)
    with deployed.opened:
        yield deployed


def end_sessions(rds: Rds) -> None:
    """End every session of the functions, as a restart of the instance does."""
    with closing(rds.server.as_superuser()) as conn:
        conn.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename LIKE 'app%'")


def answer(handler: LambdaHandler, event: Json) -> discord.Answer:
    response = handler(event, Invocation())
    return discord.Answer(cast("int", response["statusCode"]), json.loads(cast("str", response["body"])), 0)


# --- the functions ---


def test_the_first_deploy_brings_an_empty_instance_up_to_date(first_deploy: Json):
    assert (first_deploy["migration"], len(first_deploy["applied"])) == (schema.NEEDED, schema.NEEDED)


def test_the_next_deploy_finds_nothing_to_do(deployed: Deployed):
    assert deployed.migrate() == {"migration": schema.NEEDED, "applied": []}


def test_what_is_ticked_on_one_function_is_worth_xp_on_another_after_the_sweep(deployed: Deployed):
    tensey, awards, main = deployed.tensey(), deployed.award(), deployed.main()
    shown = answer(
        tensey, signed_event(discord.command(PLACE, ALEX, "tenseylist", {"level": "14"}), path="/interactions/tensey")
    )
    tick = next(custom_id for _, custom_id in shown.buttons if ":tick:" in custom_id)
    answer(tensey, signed_event(discord.component(PLACE, ALEX, tick), path="/interactions/tensey"))
    assert awards({"sweep": True}, Invocation())["applied"] == 1
    assert "100" in answer(main, signed_event(discord.command(PLACE, ALEX, "scorecard"))).text


def test_the_health_check_gets_its_answers(deployed: Deployed):
    assert answer(deployed.main(), HEALTH).body == {"status": "ok", "version": __version__, "age": 0}
    assert "failure" not in deployed.award()({"probe": True}, Invocation())


def plays(main: LambdaHandler) -> bool:
    """Whether the database is reached; the page of health would answer from what it found before."""
    return "Level" in answer(main, signed_event(discord.command(PLACE, ALEX, "scorecard"))).text


def test_a_session_outlives_its_token_and_the_next_one_gets_a_token_of_its_own(deployed: Deployed):
    main, clock = deployed.main(), deployed.rds.clock
    assert plays(main)
    clock.ahead = timedelta(minutes=16)
    try:
        assert plays(main)  # RDS looks at a token once, at the log-in
        end_sessions(deployed.rds)
        assert not plays(main)  # the token expired between its signing and the log-in
    finally:
        clock.ahead = timedelta()
    assert plays(main)


def test_under_snapstart_a_function_signs_in_with_what_it_is_lent_and_borrows_again_before_that_expires(
    deployed: Deployed,
):
    with lender_stand_in.lender() as lender:
        deployed.lent_by(lender)
        main = deployed.main()
        assert (plays(main), lender.asked) == (True, 1)
        end_sessions(deployed.rds)
        assert (plays(main), lender.asked) == (True, 1)
    with lender_stand_in.lender() as lender:
        lender.lifetime = timedelta(minutes=5)
        deployed.lent_by(lender)
        main = deployed.main()
        assert plays(main)
        end_sessions(deployed.rds)
        assert (plays(main), lender.asked) == (True, 2)


def test_under_snapstart_a_lender_that_is_silent_is_an_answer_that_the_database_is_away(deployed: Deployed):
    with lender_stand_in.lender() as lender:
        lender.status = 500
        deployed.lent_by(lender)
        assert answer(deployed.main(), HEALTH).status == 503


# --- a restored instance ---


def enter_as_owner(rds: Rds, authority: Authority, name: str, monkeypatch: pytest.MonkeyPatch, event: Json) -> Json:
    """What the runner answers where the instance shows a certificate for `name`."""
    with PostgresProxy(authority.issue(name), rds.server.port) as proxy:
        monkeypatch.setenv("DATABASE_SSLMODE", "verify-full")
        monkeypatch.setenv("DATABASE_SSLROOTCERT", str(authority.certificate))
        password = rds.server.password(OWNER)
        master = {"host": HOST, "port": proxy.port, "username": OWNER, "password": password, "dbname": "mastermind"}
        return migrate.runner(beside=str(MIGRATIONS))({"connection": master, **event}, Invocation())


@pytest.mark.usefixtures("first_deploy")
@pytest.mark.parametrize("event", [{}, {"deletions": []}], ids=["deploy", "reapply-deletions"])
def test_a_restored_instance_is_let_in_only_when_tls_verifies_its_new_name(
    rds: Rds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: Json
):
    """RDS may or may not make a certificate when an instance is renamed: both are said in docs/Deployment.md."""
    authority = Authority(tmp_path)
    old = enter_as_owner(rds, authority, "mastermind-database-restored", monkeypatch, event)
    assert (
        'server certificate for "mastermind-database-restored" does not match host name "localhost"' in old["failure"]
    )
    assert migrate.RENAMED in old["failure"]
    assert "failure" not in enter_as_owner(rds, authority, HOST, monkeypatch, event)


@pytest.mark.usefixtures("first_deploy")
def test_the_functions_are_kept_out_as_long_as_the_certificate_has_another_name(rds: Rds, tmp_path: Path):
    authority = Authority(tmp_path)
    with PostgresProxy(authority.issue("mastermind-database-restored"), rds.server.port) as proxy:
        trusted = "verify-full", str(authority.certificate)
        settings = DatabaseSettings(HOST, proxy.port, "mastermind", AWARD.user, "any", *trusted)
        with closing(Database(settings, REGION)) as database, pytest.raises(Unavailable):
            database.run(lambda conn: conn.execute("SELECT 1"), Deadline.after(5))
        assert proxy.encrypted == 0


# --- the instance: what stands here for RDS is as strict ---


def test_the_master_is_no_superuser(rds: Rds):
    with psycopg.connect(rds.server.owner_url) as conn:
        rights = conn.execute("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert rights.fetchall() == [(False, True, True)]
        assert conn.execute("SELECT pg_has_role('rds_superuser', 'USAGE')").fetchall() == [(True,)]


def test_the_templates_parameters_are_in_force(rds: Rds):
    written = {name: value for name, value in parameters(TEMPLATE).items() if name != "rds.force_ssl"}  # the proxy's
    with psycopg.connect(rds.server.owner_url) as conn:
        query = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
        found = dict(conn.execute(query, [list(written)]).fetchall())
    switches = {"0": "off", "1": "on"}
    assert [name for name, value in written.items() if found[name] not in {value, switches.get(value)}] == []


def test_nobody_comes_in_without_tls(rds: Rds):
    password = rds.server.password(OWNER)
    with pytest.raises(psycopg.OperationalError, match="closed the connection unexpectedly"):
        psycopg.connect(
            host=HOST, port=rds.port, user=OWNER, password=password, sslmode="disable", gssencmode="disable"
        )


AWARD, TENSEY = PRINCIPALS["XpAward"], PRINCIPALS["InteractionsTensey"]


@pytest.mark.usefixtures("first_deploy")
@pytest.mark.parametrize(
    ("password", "credentials"),
    [
        ("hush", None),
        (None, replace(AWARD.credentials, secret_access_key="another")),
        (None, replace(AWARD.credentials, session_token="another")),
        (None, replace(AWARD.credentials, access_key_id="ASIANOBODY")),
        (None, TENSEY.credentials),
    ],
)
def test_a_function_gets_in_with_its_own_token_only(rds: Rds, password: str | None, credentials: AwsCredentials | None):
    settings = DatabaseSettings(HOST, rds.port, "mastermind", AWARD.user, password, "verify-full", str(rds.authority))
    own = gateway.of(AwsSettings(REGION, None, credentials))
    with closing(Database(settings, REGION, own)) as database, pytest.raises(Unavailable) as refusal:
        database.run(lambda conn: conn.execute("SELECT 1"), Deadline.after(5))
    assert f'PAM authentication failed for user "{AWARD.user}"' in str(refusal.value.__cause__)


NOW = datetime(2026, 7, 1, 23, 59, tzinfo=UTC)
CHECK = Tokens(REGION, "db.example:5432", list(PRINCIPALS.values()))


@pytest.mark.parametrize(("age", "is_valid"), [(0, True), (899, True), (900, False), (86_400, False), (-1, False)])
def test_a_token_is_valid_for_fifteen_minutes(age: int, is_valid: bool):
    token = tokens.auth_token("db.example", 5432, AWARD.user, REGION, AWARD.credentials, now=NOW)
    assert CHECK.accepts(token, AWARD.user, NOW + timedelta(seconds=age)) is is_valid


@pytest.mark.parametrize(
    ("host", "port", "region"),
    [("other.example", 5432, REGION), ("db.example", 5433, REGION), ("db.example", 5432, "eu-west-1")],
)
def test_a_token_is_valid_at_one_endpoint(host: str, port: int, region: str):
    token = tokens.auth_token(host, port, AWARD.user, region, AWARD.credentials, now=NOW)
    assert not CHECK.accepts(token, AWARD.user, NOW)


@pytest.mark.parametrize("change", [("Expires=900", "Expires=90000"), ("DBUser=app_award", "DBUser=app_main")])
def test_a_token_that_was_changed_is_worth_nothing(change: tuple[str, str]):
    token = tokens.auth_token("db.example", 5432, AWARD.user, REGION, AWARD.credentials, now=NOW)
    changed = token.replace(*change)
    assert changed != token
    assert not any(CHECK.accepts(changed, principal.user, NOW) for principal in PRINCIPALS.values())
