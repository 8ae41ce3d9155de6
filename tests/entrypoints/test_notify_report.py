"""The weekly report in the admins' channel: the real handler, with servers for AWS and Discord."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from functions.pictures.drawing.draw import draw
from functions.pictures.handler import handler as pictures
from mastermind.entrypoints import notify as entry
from mastermind.operations.report import notices
from mastermind.operations.report.notices import Told
from mastermind.pictures import figures
from mastermind.pictures.alt_texts import alt_text
from tests.entrypoints.test_award import Environment, Invocation, batch, failures
from tests.entrypoints.test_migrate import Context
from tests.gateways.aws_stand_in import aws as stand_in
from tests.gateways.webhook_stand_in import discord as discords
from tests.gateways.webhook_stand_in import say
from tests.pictures.samples import REPORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gateways.aws_stand_in import Aws
    from tests.gateways.webhook_stand_in import Discord

TOLD = Told("## 📈 The week\n**Active:** 61", figures.write(REPORT))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with stand_in() as server:
        Environment(monkeypatch).set(
            AWS_REGION="eu-central-1",
            AWS_DEFAULT_REGION="eu-central-1",
            AWS_ACCESS_KEY_ID="none",
            AWS_SECRET_ACCESS_KEY="none-either",  # nobody's
            ADMINS_PARAMETER="/game/webhooks/admins",
            ALERTS_PARAMETER="/game/webhooks/alerts",
            MAIL_TOPIC_ARN="arn:aws:sns:eu-central-1:123456789012:mail",
            MODERATOR_ROLE_ID="0",
            XP_AWARD_FUNCTION="game-xp-award",
            PICTURES_FUNCTION="game-pictures",
            AVATARS_URL="http://127.0.0.1:9",
            ALERTS_BUCKET="bucket",
            AWS_ENDPOINT_URL=server.url,
        )
        server.function = lambda event: pictures(event, Context())
        yield server


@pytest.fixture
def channel(aws: Aws) -> Iterator[Discord]:
    with discords() as server:
        server.always = say(200, {"id": "77"})
        aws.parameters["/game/webhooks/admins"] = server.webhook
        yield server


def post(told: Told) -> None:
    assert failures(entry.handler()(batch(notices.write(told)), Invocation())) == []


def test_it_is_posted_with_its_picture_and_the_pictures_text(channel: Discord):
    post(TOLD)
    [message] = channel.messages
    assert message["content"] == TOLD.words
    assert message["allowed_mentions"] == {"parse": []}
    [attachment], [file] = message["attachments"], channel.files
    assert attachment == {"id": "0", "filename": "report.png", "description": alt_text(REPORT)}
    assert (file.name, file.kind, file.content) == ("report.png", "image/png", draw(REPORT, {}))


def test_what_is_not_drawn_is_told_in_words(aws: Aws, channel: Discord):
    def fails(event: object) -> object:
        raise RuntimeError(event)

    aws.function = fails
    post(TOLD)
    assert (len(channel.messages), channel.files) == (1, [])
    assert "attachments" not in channel.messages[0]


def test_without_pictures_it_asks_for_none(aws: Aws, channel: Discord):
    aws.function = None
    post(Told(TOLD.words))
    assert (channel.messages[0]["content"], channel.files) == (TOLD.words, [])


def test_without_a_channel_it_goes_by_e_mail_without_markup(aws: Aws):
    post(TOLD)
    [mail] = aws.mails
    assert mail["Subject"] == "The week of your community"
    assert mail["Message"] == "📈 The week\nActive: 61"
    assert json.dumps(mail).count("**") == 0
