"""The launch checklist: the document has it, its states mean what they say, and what only AWS has is looked at."""

from __future__ import annotations

import re
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from typer.testing import CliRunner

from local.cloud import ROOT
from ops import bot, launch
from ops.checklist import game, lines
from ops.checklist.all_lines import LINES
from ops.checklist.lines import State
from ops.checks.findings import Context, Finding, fine, skipped, wrong
from ops.commands import app
from ops.target import Target
from tests.moto_aws import moto_aws
from tests.ops.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEPLOYMENT = ROOT / "docs" / "Deployment.md"
REGION = "eu-central-1"
ACCOUNT = "123456789012"  # moto's


def test_the_document_has_the_same_lines_in_the_same_order():
    documented = re.findall(
        r"^\| `.venv/bin/ops launch-check ([a-z-]+)` \| (.+) \|$", DEPLOYMENT.read_text(), re.MULTILINE
    )
    assert documented == [(line.name, line.sentence) for line in LINES]


def test_an_unknown_line_is_named():
    assert "'weather' is no line of the checklist" in words(CliRunner().invoke(app, ["launch-check", "weather"]))


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ([fine("a", "is well")], State.PASS),
        ([fine("a", "is well"), skipped("b", "nobody looked")], State.BY_HAND),
        ([skipped("b", "nobody looked"), wrong("c", "is broken", "fix it")], State.FAIL),
    ],
)
def test_a_line_is_as_good_as_the_worst_that_the_doctor_finds(found: list[Finding], state: State):
    result = game.result_of(found)
    assert result.state is state
    assert all(one.words in result.proof for one in found)


# --- stability ---

NOW = datetime(2026, 1, 2, tzinfo=UTC)
POINTS = [(NOW - timedelta(minutes=5 * n), 1.0) for n in range(1, 24 * 12)]


def test_hours_of_stability_begin_with_the_first_good_figure():
    assert game.stable_since(POINTS, NOW) == NOW - timedelta(minutes=5 * (24 * 12 - 1))


def test_a_bad_figure_ends_them():
    bad = [(at, 0.0 if at == NOW - timedelta(hours=3) else value) for at, value in POINTS]
    assert game.stable_since(bad, NOW) == NOW - timedelta(minutes=175)


def test_a_gap_ends_them():
    gap = [(at, value) for at, value in POINTS if not timedelta(hours=1) < NOW - at < timedelta(hours=2)]
    assert game.stable_since(gap, NOW) == NOW - timedelta(hours=1)


def test_a_health_check_that_is_silent_leaves_none():
    assert game.stable_since(POINTS, NOW + timedelta(hours=1)) is None
    assert game.stable_since([], NOW) is None


# --- what only AWS has ---


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[lines.Site]:
    with (
        moto_aws(monkeypatch),
        closing(Target("game", REGION, boto3.Session(region_name=REGION), None, None)) as target,
    ):
        yield lines.Site(Context(target, {}))


def look(site: lines.Site, name: str) -> lines.Result:
    (line,) = (one for one in LINES if one.name == name)
    return launch.evaluate(line, site)


def budget(site: lines.Site, *, notifies: bool) -> None:
    client: Any = site.target.client("budgets")
    notification = {
        "Notification": {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0},
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "you@example.org"}],
    }
    spent = {"BudgetLimit": {"Amount": "30", "Unit": "USD"}, "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    client.create_budget(
        AccountId=ACCOUNT,
        Budget={"BudgetName": "game", **spent},
        NotificationsWithSubscribers=[notification] if notifies else [],
    )


def test_a_budget_that_notifies_nobody_fails(stack: lines.Site):
    assert look(stack, "budget").state is State.FAIL
    budget(stack, notifies=False)
    assert look(stack, "budget").state is State.FAIL


def test_a_budget_that_notifies_somebody_passes(stack: lines.Site):
    budget(stack, notifies=True)
    assert look(stack, "budget") == lines.Result(State.PASS, "notifies: game")


@pytest.mark.parametrize(
    ("subscribed", "state", "words"),
    [
        ([], State.FAIL, "AlertAddress is empty"),
        (["PendingConfirmation"], State.FAIL, "somebody must confirm the subscription"),
        (["arn:aws:sns:eu-central-1:1:mail:2", "PendingConfirmation"], State.PASS, "1 confirmed"),
    ],
)
def test_mail_needs_somebody_who_has_confirmed_it(stack: lines.Site, subscribed: list[str], state: State, words: str):
    stack.target.__dict__["outputs"] = {"MailTopicArn": "arn:of:mail"}
    answer = {"Subscriptions": [{"Protocol": "email", "SubscriptionArn": arn} for arn in subscribed]}
    with Stubber(stack.target.client("sns")) as sns:
        sns.add_response("list_subscriptions_by_topic", answer, {"TopicArn": "arn:of:mail"})
        result = look(stack, "mail")
    assert (result.state, words in result.words) == (state, True)


@pytest.mark.parametrize(("limit", "state"), [(10, State.FAIL), (1000, State.PASS)])
def test_an_account_that_may_run_ten_functions_at_once_is_too_small(stack: lines.Site, limit: int, state: State):
    with Stubber(stack.target.client("lambda")) as functions:
        functions.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": limit}})
        result = look(stack, "quota")
    assert (result.state, str(limit) in result.words) == (state, True)


def test_an_error_of_aws_fails_the_line_with_its_message(stack: lines.Site):
    with Stubber(stack.target.client("lambda")) as functions:
        functions.add_client_error("get_account_settings", "AccessDeniedException", "You may not ask this.")
        result = look(stack, "quota")
    assert (result.state, "You may not ask this" in result.words) == (State.FAIL, True)


# --- the release ---


def git(repository: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Release", "-c", "user.email=release@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=repository, capture_output=True, check=True)


def release(site: lines.Site, checkout: Path) -> lines.Result:
    return look(replace(site, checkout=checkout), "release")


def test_a_tagged_commit_without_changes_can_be_deployed_again(stack: lines.Site, tmp_path: Path):
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "Release")
    assert "has no tag" in release(stack, tmp_path).words
    git(tmp_path, "tag", "v1.0.0")
    assert release(stack, tmp_path).words == "v1.0.0, without changes"
    (tmp_path / "own").touch()
    result = release(stack, tmp_path)
    assert (result.state, "not committed" in result.words, "own" in result.proof) == (State.FAIL, True, True)


def test_outside_of_git_a_person_notes_the_version(stack: lines.Site, tmp_path: Path):
    assert release(stack, tmp_path).state is State.BY_HAND


# --- what a person does ---


def test_the_announcement_can_be_posted_as_it_is(stack: lines.Site):
    stack.target.__dict__["parameters"] = {"OwnerId": "77"}
    draft = look(stack, "announcement").proof
    assert "<@77>" in draft
    assert len(draft) <= 2000
    assert all(line.startswith(("**", "- ", "Do ", "Something ")) for line in draft.splitlines() if line)


def test_the_invitations_name_both_applications_and_the_server(stack: lines.Site):
    known = {"MainApplicationId": "11", "TenseyApplicationId": "33", "GuildId": "22"}
    stack.target.__dict__["parameters"] = known
    main, tensey, _ = look(stack, "invites").proof.splitlines()
    assert "client_id=11&scope=bot+applications.commands&permissions=0&guild_id=22" in main
    assert f"client_id=33&scope=bot+applications.commands&permissions={sum(bot.POSTING.values())}&guild_id=22" in tensey
