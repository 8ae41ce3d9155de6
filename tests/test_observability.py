"""What operators see: facts as JSON, counts, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import time
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind import observability
from mastermind.config import LogLevel, LogSettings
from mastermind.entrypoints import function
from mastermind.observability import EmfCounter
from mastermind.redaction import REDACTED, redact, without_patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_lambda_powertools import Metrics

log = logging.getLogger("mastermind.tests")

PASSWORD = "correct horse"
SIGNATURE = "9f" * 64
BOT_TOKEN = f"{'MTIzNDU2' * 3}.GaBcDe.{'aB3_-9xyz' * 4}"
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkw" * 4
WEBHOOK = "https://discord.com/api/webhooks/1234567890/" + "aB3_-" * 13
BODY = json.dumps({"id": "1", "application_id": "2", "token": INTERACTION_TOKEN, "data": {"name": "my private words"}})
DATABASE_URL = "postgresql://app_main:tr0ub4dor@db.example:5432/mastermind"
CONNINFO = "host=db.example user=app_main password=tr0ub4dor dbname=mastermind"
RDS_TOKEN = f"db.example:5432/?Action=connect&X-Amz-Credential=AKIAABCDEFGHIJKLMNOP/x&X-Amz-Signature={'ab' * 32}"
AUTHORIZATION = f"Authorization: Bot {BOT_TOKEN}"

SECRETS = [
    (f"connecting with {PASSWORD} failed", PASSWORD),
    (f"X-Signature-Ed25519: {SIGNATURE}", SIGNATURE),
    (f"bad signature {SIGNATURE}!", SIGNATURE),
    (f"the token {BOT_TOKEN} was refused", BOT_TOKEN),
    (AUTHORIZATION, BOT_TOKEN),
    (f"POST /interactions/1/{INTERACTION_TOKEN}/callback", INTERACTION_TOKEN),
    (f"could not post to {WEBHOOK} (404)", WEBHOOK[-40:]),
    (f"the body was {BODY}", "my private words"),
    (f"the body was {json.loads(BODY)!r}", "my private words"),
    (f"cannot reach {DATABASE_URL}", "tr0ub4dor"),
    (CONNINFO, "tr0ub4dor"),
    (f"password is {RDS_TOKEN}", "abababab"),  # long enough to be in no id by chance
    (RDS_TOKEN, "AKIAABCDEFGHIJKLMNOP"),
    ("X-Amz-Security-Token: FwoGZXIvYXdzEBY/short+one==", "FwoGZXIvYXdzEBY"),
    ("DETAIL:  Failing row contains (1, my words).\nand more, null).", "my words"),
    ("DETAIL:  Failing row contains (1, my words).\nand more, null).", "and more"),
    ("DETAIL:  Failing row contains (1, my words that are cut", "my words"),
    ("<Code>ExpiredToken</Code><Token-0>FwoGZXIvYXdzEBY/short+one==</Token-0>", "FwoGZXIvYXdzEBY"),  # S3's own words
]


# What secrets are made of, and what stands around them.
PIECES = [
    *("token", "password", "Secret", "signature", "credential", "passwd", "authorization", "bot", "Bearer", "ASIA"),
    *("AKIA", "ABCDEFGH", "0123456789abcdef", "aB3_", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "Failing row contains "),
    *("application_id", "https", "/webhooks/", " ", "-", ".", "=", ":", ">", "/", "@", "(", ")", "{", "}", '"', "'"),
]

# Everything that an interaction writes into its line.
FACTS = ("kind", "command", "outcome", "ms", "request_id", "api_request_id", "interaction_id", "location", "service")


@pytest.fixture
def written() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """Everything logged during a test, as a function of production would write it."""
    handlers, stream = list(logging.root.handlers), io.StringIO()
    observability.set_up("interactions_main", LogSettings("Test", LogLevel.INFO), secrets=[PASSWORD, ""], stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.root.handlers = handlers
    logging.getLogger("mastermind").setLevel(logging.NOTSET)


def _break(words: str) -> None:
    """An error with a cause and a note, logged."""
    error = ValueError(words)
    error.add_note(words)
    error.__cause__ = RuntimeError(words)
    try:
        _raise(error)
    except ValueError:
        log.exception("broke")


def _raise(error: Exception) -> None:
    raise error


type Written = Callable[[], list[dict[str, object]]]


def test_a_line_is_json_with_the_facts_and_whose_they_are(written: Written):
    with observability.correlated(request_id="r1", api_request_id=None):
        observability.correlate(interaction_id=7)
        log.info("answered", extra={"ms": 1.5, "path": ("a", 2), "nested": {"deep": None}})
    log.info("outside")
    within, outside = written()
    assert within["message"] == "answered"
    assert (within["level"], within["service"], within["request_id"], within["interaction_id"]) == (
        "INFO",
        "interactions_main",
        "r1",
        7,
    )
    assert (within["ms"], within["path"], within["nested"]) == (1.5, ["a", 2], {"deep": None})
    assert "api_request_id" not in within
    assert not {"request_id", "interaction_id"} & outside.keys()


def test_libraries_speak_only_when_they_must(written: Written):
    logging.getLogger("botocore").info("chatter")
    logging.getLogger("botocore").warning("trouble")
    assert [line["message"] for line in written()] == ["trouble"]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_no_secret_is_written_wherever_it_stands(written: Written, text: str, secret: str):
    log.info(text)
    log.info("it was %s", text)
    log.info("nested", extra={"facts": {"list": [text]}, "object": ValueError(text)})
    logging.getLogger("urllib3").warning(text)
    _break(text)
    assert len(written()) == 5
    assert secret not in json.dumps(written())
    assert REDACTED in json.dumps(written()[0])


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_no_fact_is_trusted_for_its_name(written: Written, text: str, secret: str):
    for key in FACTS:
        log.info("interaction answered", extra={key: text})
        with observability.correlated(**{key: (text,)}):
            log.info("interaction answered")
    assert len(written()) == 2 * len(FACTS)
    assert secret not in json.dumps(written())


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_a_text_that_is_taken_for_plain_words_is_one_in_which_no_pattern_finds_a_secret(text: str):
    assert redact(text) == without_patterns(text)


@pytest.mark.parametrize("of", [str, str.upper, "the {} was".format, "password {}".format, "bot {}".format])
@pytest.mark.parametrize("secret", [SIGNATURE, BOT_TOKEN, "AKIAABCDEFGHIJKLMNOP", "aB3-" * 5, "0a1b-" * 9])
def test_a_secret_alone_or_among_plain_words_gets_the_patterns(secret: str, of: Callable[[str], str]):
    assert redact(of(secret)) == without_patterns(of(secret))


def test_a_configured_secret_of_plain_words_is_found_in_every_text(written: Written):
    log.info(PASSWORD, extra={"kind": PASSWORD, "deep": {"list": [f"it was {PASSWORD}"]}})
    assert PASSWORD not in json.dumps(written())


@pytest.mark.parametrize("key", ["token", "body", "x-signature-ed25519", "DATABASE_PASSWORD", "webhook_url", "event"])
def test_what_is_called_a_secret_is_not_written(written: Written, key: str):
    log.info("facts", extra={key: "hush", "inside": {key: {"even": "deeper"}}})
    (line,) = written()
    assert (line[key], cast("dict[str, object]", line["inside"])[key]) == (REDACTED, REDACTED)


@pytest.mark.parametrize(
    "text",
    [
        "interaction answered",
        "award 0198f2f0-5f0c-7c3e-9f5e-0123456789ab applied for 1300000000000000003",
        'File "/var/task/mastermind/game/challenges/lists.py", line 12, in read',
        'UniqueViolation: duplicate key value violates unique constraint "pending_xp_awards_of_member"',
        "DETAIL: Key (user_id, challenge_id)=(1, smile-at-three-people) already exists.",
        "PostgreSQL cannot be reached",
    ],
)
def test_what_operators_need_stays_readable(text: str):
    assert redact(text) == text


@pytest.mark.parametrize(
    "piece", ["a", "{", "://:", "token", "password ", "a.", "bot ", "{'token'", "AKIA", '"', "Failing row contains ("]
)
def test_no_text_takes_long_to_redact(piece: str):
    begun = time.process_time()
    redact(piece * (64_000 // len(piece)))
    assert time.process_time() - begun < 0.5


def test_of_a_long_text_the_beginning_and_the_end_are_kept():
    shown = redact("begin " + "x " * 50_000 + " end")
    assert shown.startswith("begin ")
    assert shown.endswith(" end")
    assert len(shown) < 10_100


def test_a_body_that_was_cut_off_is_not_written_either():
    assert "hush" not in redact('body {"type": 2, "token": "hush')


def test_an_error_keeps_its_stack_and_its_name(written: Written):
    _break("a bug")
    (line,) = written()
    assert line["exception_name"] == "ValueError"
    assert "a bug" in str(line["exception"])
    assert "test_observability.py" in str(line["exception"])


def test_a_count_is_a_line_in_the_embedded_metric_format(written: Written, capsys: pytest.CaptureFixture[str]):
    observability.count(observability.BUGS, 2)
    line = json.loads(capsys.readouterr().out)
    assert line["_aws"]["CloudWatchMetrics"] == [
        {"Namespace": "Test", "Dimensions": [["service"]], "Metrics": [{"Name": "Bugs", "Unit": "Count"}]}
    ]
    assert (line["service"], line["Bugs"]) == ("interactions_main", [2.0])
    assert written() == []


def test_both_ways_of_logging_write_the_same_lines(capsys: pytest.CaptureFixture[str]):
    """The interaction path writes by itself what Powertools writes everywhere else."""
    settings, root, secrets = LogSettings("Test", LogLevel.INFO), list(logging.root.handlers), (PASSWORD,)
    try:
        lines = [
            _lines(capsys, lambda: observability.set_up("a_function", settings, secrets=secrets)),
            _lines(capsys, lambda: function.set_up("a_function", settings, secrets)),
        ]
    finally:
        observability.use(logging.NullHandler(), "NOTSET", EmfCounter("mastermind", "Mastermind"))
        logging.root.handlers = root
    assert lines[0] == lines[1]
    assert {"level", "location", "message", "timestamp", "service", "request_id", "ms"} <= lines[0][0].keys()
    assert {"exception", "exception_name", "exception_notes"} <= lines[0][1].keys()
    assert {"_aws", "service", "Bugs"} == lines[0][2].keys()


def _lines(capsys: pytest.CaptureFixture[str], set_up: Callable[[], Metrics | None]) -> list[dict[str, object]]:
    """What is written for a fact, an error and a count; moments aside, which differ."""
    metrics = set_up()
    with observability.correlated(request_id="r1"):
        log.info("answered by %s", PASSWORD, extra={"ms": 1.5, "nested": {"token": "hush", "deep": ("a", None)}})
        _break("a bug")
    observability.count(observability.BUGS, 2)
    if metrics:
        metrics.flush_metrics()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for line in lines:
        line["timestamp"] = type(line["timestamp"]).__name__ if "timestamp" in line else None
    lines[-1].pop("timestamp")
    lines[-1]["_aws"]["Timestamp"] = type(lines[-1]["_aws"]["Timestamp"]).__name__
    return lines


# --- what strangers can cause ---


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_flood_of_refusals_is_one_line_a_minute_with_their_number(caplog: pytest.LogCaptureFixture):
    clock = Clock()
    refusals = observability.Tally("requests refused", clock)
    with caplog.at_level(logging.INFO, "mastermind"):
        for number in range(3000):
            clock.now = number / 20
            refusals.add("the signature is wrong" if number % 3 else "the timestamp is too far from now")
    said = [(one.__dict__["requests"], one.__dict__["reasons"]) for one in caplog.records]
    assert [requests for requests, _ in said] == [1, 1200, 1200]
    assert said[0] == (1, "the timestamp is too far from now (1)")
    assert said[1] == (1200, "the signature is wrong (800), the timestamp is too far from now (400)")


def test_reasons_that_strangers_make_up_do_not_fill_the_memory(caplog: pytest.LogCaptureFixture):
    clock = Clock()
    refusals = observability.Tally("requests refused", clock)
    with caplog.at_level(logging.INFO, "mastermind"):
        for number in range(1000):
            refusals.add(f"reason {number}")
        clock.now = observability.Tally.EVERY
        refusals.add("the last")
    reasons = str(caplog.records[-1].__dict__["reasons"]).split(", ")
    assert (len(reasons), reasons[-1]) == (observability.Tally.MOST_REASONS + 1, "others (980)")


def test_the_words_of_a_refusal_are_no_secret(written: Written):
    reasons = "the signature is wrong (2), the timestamp is missing or malformed (1)"
    log.info("requests refused", extra={"requests": 3, "reasons": reasons})
    assert written()[0]["reasons"] == reasons
