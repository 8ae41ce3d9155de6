"""What our exchanges make of values and errors, held against psycopg's own adapters."""

from __future__ import annotations

import json
from contextlib import closing, nullcontext
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mastermind.postgres import errors, sqlstates
from mastermind.postgres.exchange import exchange, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.postgres import Postgres
    from tests.conftest import Connection

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
OFFSETS = st.integers(-15 * 3600, 15 * 3600).map(lambda seconds: timezone(timedelta(seconds=seconds)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=OFFSETS | st.just(UTC))  # noqa: DTZ001
SPANS = st.timedeltas(timedelta(days=-100_000), timedelta(days=100_000))
INTEGERS = st.integers(-(2**63), 2**63 - 1)

PARAMETERS: dict[LiteralString, st.SearchStrategy[object]] = {
    "boolean": st.booleans(),
    "bigint": INTEGERS,
    "numeric": st.integers(),
    "float8": st.floats(),
    "text": TEXTS,
    "date": st.dates(),
    "timestamptz": MOMENTS,
    "interval": SPANS,
    "uuid": st.uuids(),
    "bytea": st.binary(),
}
ARRAYS = {f"{kind}[]": st.lists(values | st.none()) for kind, values in PARAMETERS.items() if kind != "bytea"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS, lambda of: st.lists(of) | st.dictionaries(TEXTS, of)
)
WRITTEN: dict[str, st.SearchStrategy[object]] = {
    "numeric": st.decimals().map(lambda number: str(number).replace("sNaN", "NaN").replace("-NaN", "NaN")),
    "smallint": st.integers(-(2**15), 2**15 - 1).map(str),
    "int": st.integers(-(2**31), 2**31 - 1).map(str),
    "oid": st.integers(0, 2**32 - 1).map(str),
    "varchar": TEXTS,
    "json": JSON.map(json.dumps).filter(lambda text: r"\u0000" not in text),
    "jsonb": JSON.map(json.dumps).filter(lambda text: r"\u0000" not in text),
}
SQLSTATES = {
    error.sqlstate: error
    for error in vars(psycopg.errors).values()
    if isinstance(error, type) and issubclass(error, psycopg.Error) and error.sqlstate
}

examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def theirs(database: Postgres) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with closing(psycopg.connect(database.owner_url, autocommit=True)) as conn:
        yield conn


def same(mine: Connection, theirs: psycopg.Connection[tuple[Any, ...]], kind: str, value: object) -> None:
    """PostgreSQL gets the same value from both, and both read it alike."""
    shown = "" if kind.startswith("interval") else f", %(value)s::{kind} AS value"  # no query returns one
    query = cast("LiteralString", f"SELECT (%(value)s::{kind})::text AS text{shown}")
    assert repr_of(mine.execute(query, {"value": value})) == repr_of(theirs.execute(query, {"value": value}))


def repr_of(cursor: Any) -> str:  # noqa: ANN401 # of either kind
    """So that NaN equals NaN; moments of one instant are equal in any zone."""
    (record,) = cursor.fetchall()
    return repr([part.astimezone(UTC) if isinstance(part, datetime) else in_utc(part) for part in record])


def in_utc(part: object) -> object:
    if not isinstance(part, list):
        return part
    return [one.astimezone(UTC) if isinstance(one, datetime) else one for one in cast("list[object]", part)]


@pytest.mark.parametrize("kind", [*PARAMETERS, *ARRAYS])
@examples
@given(data=st.data())
def test_a_value_is_to_postgresql_what_psycopg_makes_of_it(
    owner: Connection, theirs: psycopg.Connection[tuple[Any, ...]], kind: str, data: st.DataObject
) -> None:
    same(owner, theirs, kind, data.draw({**PARAMETERS, **ARRAYS}[kind]))


@pytest.mark.parametrize("kind", list(WRITTEN))
@examples
@given(data=st.data())
def test_what_postgresql_returns_is_read_as_psycopg_reads_it(
    owner: Connection, theirs: psycopg.Connection[tuple[Any, ...]], kind: str, data: st.DataObject
) -> None:
    same(owner, theirs, kind, data.draw(WRITTEN[kind]))


def test_null_and_what_a_procedure_returns_are_read_as_psycopg_reads_them(
    owner: Connection, theirs: psycopg.Connection[tuple[Any, ...]]
):
    query: LiteralString = "SELECT NULL, pg_sleep(0), current_user, 'unknown', '{{1},{2}}'::text, 7::oid"
    assert owner.execute(query).fetchall() == theirs.execute(query).fetchall()


@pytest.mark.parametrize("value", [True, 40_000, 2**40, 1.5, *(date for date in [datetime(2026, 1, 1, tzinfo=UTC)])])
def test_a_value_alone_has_the_type_that_psycopg_gives_it(
    owner: Connection, theirs: psycopg.Connection[tuple[Any, ...]], value: object
):
    query: LiteralString = "SELECT pg_typeof(%(value)s)::text"
    assert owner.execute(query, {"value": value}).fetchone() == theirs.execute(query, {"value": value}).fetchone()


@pytest.mark.parametrize("moment", ["'infinity'::timestamptz", "'-infinity'::date", "'0044-03-15 BC'::date"])
def test_a_moment_that_the_calendar_has_not_is_refused(
    owner: Connection, theirs: psycopg.Connection[tuple[Any, ...]], moment: LiteralString
):
    with pytest.raises(psycopg.DataError):
        theirs.execute(f"SELECT {moment}").fetchone()
    with pytest.raises(errors.DataError):
        owner.execute(f"SELECT {moment}").fetchone()


@pytest.mark.parametrize("text", ["a\0b", "half a character: \ud800"])
def test_a_text_that_postgresql_cannot_store_is_refused_and_so_is_what_stood_before_it(owner: Connection, text: str):
    owner.execute("CREATE TABLE texts (text text)")
    try:
        with pytest.raises(errors.DataError) as refusal, exchange(owner), transaction(owner):  # noqa: PT012
            owner.execute("INSERT INTO texts VALUES ('before')")
            owner.execute("INSERT INTO texts VALUES (%s)", [text])
        assert refusal.value.sqlstate == sqlstates.BAD_TEXT
        assert owner.execute("SELECT * FROM texts").fetchall() == []
    finally:
        owner.execute("DROP TABLE texts")


@pytest.mark.parametrize("value", [{"a": 1}, object(), datetime(2026, 1, 1)])  # noqa: DTZ001
def test_a_type_that_is_not_used_is_a_bug(owner: Connection, value: object):
    with pytest.raises(TypeError):
        owner.execute("SELECT %s", [value])
    assert owner.execute("SELECT 1").fetchone() == (1,)


def test_a_type_that_no_query_returns_is_a_bug(owner: Connection):
    with pytest.raises(TypeError):
        owner.execute("SELECT '127.0.0.1'::inet").fetchone()


def test_a_name_may_stand_twice_and_a_per_cent_sign_alone(owner: Connection):
    found = owner.execute("SELECT %(a)s + 1, %(b)s - %(a)s, 7 %% 4", {"a": 1, "b": 5, "unused": object()})
    assert found.fetchall() == [(2, 4, 3)]


def test_more_than_any_buffer_goes_both_ways_at_once(owner: Connection):
    """A server that waits for its answers to be read must not be waited for."""
    text = "much" * 4_000_000
    with owner.pipeline():
        sent = [owner.execute("SELECT %(text)s::text", {"text": text}) for _ in range(4)]
    assert all(one.fetchall() == [(text,)] for one in sent)
    assert len(owner.execute("SELECT n FROM generate_series(1, 200000) AS n").fetchall()) == 200_000


def test_a_notice_of_the_server_is_written_nowhere(owner: Connection, capfd: pytest.CaptureFixture[str]):
    owner.execute("DO $$ BEGIN RAISE NOTICE 'hush'; END $$")
    assert "hush" not in "".join(capfd.readouterr())


# --- errors ---


@pytest.mark.parametrize("sqlstate", sorted(SQLSTATES))
def test_an_error_means_what_it_means_to_psycopg(sqlstate: str):
    theirs = SQLSTATES[sqlstate]
    refused = psycopg.IntegrityError, psycopg.DataError, psycopg.errors.LockNotAvailable
    assert issubclass(errors.kind(sqlstate), errors.WorkRefused) == issubclass(theirs, refused)
    if sqlstate[:2] not in {"27", "2F", "38", "39", "3B", "HV"}:  # of code in the database: bugs of ours
        assert sqlstates.is_of_operation(sqlstate) == issubclass(theirs, psycopg.OperationalError)


HANDLED = ("TOO_FAST", "FORGOTTEN", "TOO_LATE", "UNIQUE", "FOREIGN_KEY", "LOCK", "NO_TABLE", "BAD_TEXT", "OUT_OF_RANGE")


@pytest.mark.parametrize("name", HANDLED)
@pytest.mark.parametrize("is_pipelined", [False, True])
def test_every_sqlstate_that_is_handled_arrives_with_its_detail(owner: Connection, name: str, is_pipelined: bool):
    sqlstate = getattr(sqlstates, name)
    question = f"DO $$ BEGIN RAISE EXCEPTION 'no: no' USING ERRCODE = '{sqlstate}', DETAIL = 'since: 7'; END $$"
    with pytest.raises(errors.kind(sqlstate)) as refusal, exchange(owner) if is_pipelined else nullcontext():
        owner.execute(question.encode())
    assert (refusal.value.sqlstate, refusal.value.detail) == (sqlstate, "since: 7")
    assert str(refusal.value).startswith("no: no")
    assert owner.execute("SELECT 1").fetchone() == (1,)


def test_a_row_that_is_asked_for_after_a_refusal_is_refused_too(owner: Connection):
    with pytest.raises(errors.DataError), owner.pipeline():  # noqa: PT012
        owner.execute("SELECT 1 / 0")
        owner.execute("SELECT 1").fetchone()
    assert owner.is_idle
