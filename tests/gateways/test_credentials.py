from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mastermind.config import AwsCredentials, AwsSettings
from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.gateways import credentials
from tests.gateways import lender_stand_in
from tests.gateways.test_sqs import CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.gateways.credentials import Credentials
    from tests.gateways.lender_stand_in import Lender

SOON = timedelta(minutes=19)  # before a link that they sign could end


@pytest.fixture
def lender() -> Iterator[Lender]:
    with lender_stand_in.lender() as lender:
        yield lender


def found(settings: AwsSettings) -> Credentials:
    credentials_of = credentials.of(settings)
    assert credentials_of is not None
    return credentials_of


def key(borrowed: Credentials) -> str:
    return borrowed(Deadline.after(1)).access_key_id


def borrowed_from(lender: Lender) -> Credentials:
    return found(AwsSettings("eu-central-1", None, lender=lender.endpoint))


def test_a_process_with_keys_of_its_own_signs_with_them():
    assert found(AwsSettings("eu-central-1", None, CREDENTIALS))(Deadline.after(1)) is CREDENTIALS


def test_a_process_without_any_has_none():
    assert credentials.of(AwsSettings("eu-central-1", None)) is None


def test_lent_credentials_come_before_own_ones_which_a_snapshot_may_have_kept(lender: Lender):
    settings = AwsSettings("eu-central-1", None, CREDENTIALS, lender=lender.endpoint)
    assert found(settings)(Deadline.after(1)) == AwsCredentials("ASIA1", "secret 1", "session 1")


def test_nothing_is_asked_for_before_something_is_signed(lender: Lender):
    borrowed_from(lender)
    assert lender.asked == 0


def test_what_is_lent_serves_everything_that_the_process_signs(lender: Lender):
    assert {key(borrowed_from(lender)) for _ in range(3)} == {"ASIA1"}


def test_other_credentials_are_asked_for_before_these_expire(lender: Lender):
    lender.lifetime = SOON
    borrowed = borrowed_from(lender)
    assert key(borrowed) == "ASIA1"
    lender.lifetime = lender_stand_in.LONG
    assert [key(borrowed), key(borrowed)] == ["ASIA2", "ASIA2"]


def test_what_is_still_valid_is_used_while_the_lender_is_silent(lender: Lender):
    lender.lifetime = SOON
    borrowed = borrowed_from(lender)
    key(borrowed)
    lender.status = 500
    assert key(borrowed) == "ASIA1"
    lender.lifetime, lender.status = timedelta(seconds=-1), 200
    assert key(borrowed) == "ASIA3"
    lender.status = 500
    with pytest.raises(Unavailable, match="lends no credentials: 500"):
        key(borrowed)


@pytest.mark.parametrize("body", [b"secret", b'["secret"]', b'{"Token": "secret"}', b'{"AccessKeyId": 1}'])
def test_an_answer_that_cannot_be_read_is_shown_to_nobody(lender: Lender, body: bytes):
    lender.body = body
    with pytest.raises(Unavailable) as refusal:
        key(borrowed_from(lender))
    assert "secret" not in str(refusal.value)


def test_an_expiration_that_is_no_date_is_refused(lender: Lender):
    answer = {"AccessKeyId": "a", "SecretAccessKey": "b", "Token": "c", "Expiration": "soon"}
    lender.body = json.dumps(answer).encode()
    with pytest.raises(Unavailable, match="not as documented"):
        key(borrowed_from(lender))


def test_a_lender_that_does_not_know_the_token_lends_nothing(lender: Lender):
    stranger = replace(lender.endpoint, token="another")
    with pytest.raises(Unavailable, match="403"):
        key(found(AwsSettings("eu-central-1", None, lender=stranger)))
