"""Lines about the AWS account, which a local cloud does not have: mail, quota, budget."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ops.target import call_aws

if TYPE_CHECKING:
    from collections.abc import Callable

from ops.checklist.lines import Result, Site, State

CONCURRENCY = 100
"""Concurrent executions that an account should have; a new one has 10."""


def only_on_aws(check: Callable[[Site], Result]) -> Callable[[Site], Result]:
    def guarded(site: Site) -> Result:
        if site.target.is_local:
            return Result(State.ONLY_ON_AWS, "name the stack: --stack, --region")
        return check(site)

    return guarded


def mail(site: Site) -> Result:
    topic = site.target.output("MailTopicArn")
    found = call_aws(lambda: site.target.client("sns").list_subscriptions_by_topic(TopicArn=topic))["Subscriptions"]
    confirmed = [one for one in found if one["SubscriptionArn"].startswith("arn:")]
    proof = json.dumps([{"protocol": one["Protocol"], "arn": one["SubscriptionArn"]} for one in found], indent=2)
    if not confirmed:
        pending = "somebody must confirm the subscription in the mail from SNS"
        return Result(State.FAIL, pending if found else "AlertAddress is empty: nobody gets mail", proof)
    return Result(State.PASS, f"{len(confirmed)} confirmed", proof)


def quota(site: Site) -> Result:
    limit = call_aws(lambda: site.target.client("lambda").get_account_settings())["AccountLimit"][
        "ConcurrentExecutions"
    ]
    if limit < CONCURRENCY:
        words = (
            f"the account runs {limit} functions at once: ask for more (Service Quotas, Concurrent executions; free)"
        )
        return Result(State.FAIL, words)
    return Result(State.PASS, f"the account runs {limit} functions at once")


def budget(site: Site) -> Result:
    account = call_aws(lambda: site.target.client("sts").get_caller_identity())["Account"]
    budgets = site.target.client("budgets")
    found = call_aws(lambda: budgets.describe_budgets(AccountId=account)).get("Budgets", [])
    notifying = [
        one["BudgetName"]
        for one in found
        if call_aws(
            lambda name=one["BudgetName"]: budgets.describe_notifications_for_budget(AccountId=account, BudgetName=name)
        ).get("Notifications")
    ]
    if not notifying:
        return Result(State.FAIL, "no budget notifies anybody: see docs/Deployment.md, Costs")
    return Result(State.PASS, f"notifies: {', '.join(notifying)}")
