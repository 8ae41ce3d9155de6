"""The function pictures, as the function outbox invokes it."""

from __future__ import annotations

import base64
import json
from copy import replace

import pytest

from functions.pictures.drawing.draw import draw
from functions.pictures.handler import handler
from mastermind.entrypoints import pictures
from mastermind.pictures import figures
from tests.entrypoints.test_migrate import Context
from tests.gateways.test_avatars import HASH, cdn, picture
from tests.pictures.samples import CARD, USUAL


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVATARS_URL", "http://127.0.0.1:9")


@pytest.mark.parametrize("called", ["card", "podium"])
def test_figures_become_a_png(called: str):
    answer = handler(json.loads(figures.write(USUAL[called])), Context())
    assert base64.b64decode(str(answer["png"])) == draw(USUAL[called], {})


def test_what_is_no_picture_of_ours_is_a_bug_and_its_log_names_no_value(caplog: pytest.LogCaptureFixture):
    with pytest.raises(RuntimeError, match="the invocation failed"):
        handler({"picture": "selfie", "person": {"name": "Nova"}}, Context())
    assert "Nova" not in caplog.text


def test_an_avatar_is_fetched_and_drawn(monkeypatch: pytest.MonkeyPatch):
    card = replace(CARD, person=replace(CARD.person, avatar=HASH))
    with cdn(lambda request: request.send(picture())) as server:
        monkeypatch.setenv("AVATARS_URL", server.url)
        answer = pictures.handler(draw)(json.loads(figures.write(card)), Context())
    assert base64.b64decode(str(answer["png"])) == draw(card, {CARD.person.user_id: picture()})
