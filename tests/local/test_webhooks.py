"""The stand-in for Discord's webhooks answers as Discord does and lists what came."""

from collections.abc import Iterator

import httpx
import pytest

from local.webhooks import Webhooks


@pytest.fixture
def webhooks() -> Iterator[Webhooks]:
    webhooks = Webhooks()
    yield webhooks
    webhooks.stop()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def test_a_message_is_answered_with_204_and_listed(webhooks: Webhooks, http: httpx.Client):
    agent = {"User-Agent": "DiscordBot (x, 1)"}
    answer = http.post(webhooks.url("alerts"), json={"content": "all is well"}, headers=agent)
    assert (answer.status_code, answer.content) == (204, b"")
    [received] = http.get(webhooks.received_url).json()
    assert (received["webhook"], received["message"], received["user_agent"]) == (
        "alerts",
        {"content": "all is well"},
        "DiscordBot (x, 1)",
    )


def test_a_message_that_was_waited_for_can_be_edited(webhooks: Webhooks, http: httpx.Client):
    posted = http.post(webhooks.url("admins") + "?wait=true", json={"content": "one"})
    edited = f"{webhooks.url('admins')}/messages/{posted.json()['id']}?wait=true"
    assert http.patch(edited, json={"content": "two"}).status_code == 200
    assert http.patch(f"{webhooks.url('admins')}/messages/1", json={"content": "three"}).status_code == 404
    assert [received["message"]["content"] for received in http.get(webhooks.received_url).json()] == ["two"]


def test_the_newest_message_is_listed_last_and_all_can_be_forgotten(webhooks: Webhooks, http: httpx.Client):
    for n in range(3):
        http.post(webhooks.url("alerts") + "?wait=false", json={"content": n})
    assert [received["message"]["content"] for received in http.get(webhooks.received_url).json()] == [0, 1, 2]
    assert http.delete(webhooks.received_url).status_code == 204
    assert http.get(webhooks.received_url).json() == []


def test_an_unknown_address_is_404_and_no_json_is_400(webhooks: Webhooks, http: httpx.Client):
    assert http.post(webhooks.received_url, json={}).status_code == 404
    assert http.post(webhooks.url("alerts"), content=b"{").status_code == 400
    assert http.get(webhooks.received_url.replace("received", "nothing")).status_code == 404
    assert http.get(webhooks.received_url).json() == []


def test_checking_whether_a_webhook_exists_sends_nothing(webhooks: Webhooks, http: httpx.Client):
    assert http.get(webhooks.url("alerts")).json()["name"] == "alerts"
    assert http.get(webhooks.url("others")).status_code == 404
    assert http.get(webhooks.received_url).json() == []


def test_it_sends_scripted_answers_and_stores_nothing_meanwhile(webhooks: Webhooks, http: httpx.Client):
    webhooks.answer_next("alerts", 429, 500, retry_after=2.5)
    limited, broken, fine = (http.post(webhooks.url("alerts"), json={"content": n}) for n in range(3))
    assert [limited.status_code, broken.status_code, fine.status_code] == [429, 500, 204]
    assert (limited.headers["Retry-After"], limited.json()["retry_after"]) == ("2.5", 2.5)
    assert [received["message"]["content"] for received in http.get(webhooks.received_url).json()] == [2]


def test_answers_can_be_scripted_over_http_for_one_webhook(webhooks: Webhooks, http: httpx.Client):
    script_url = webhooks.received_url.replace("/received", "/answers/alerts")
    assert http.put(script_url, json=[{"status": 404}]).status_code == 204
    assert http.post(webhooks.url("announcements"), json={"content": "x"}).status_code == 204
    assert http.post(webhooks.url("alerts"), json={"content": "x"}).status_code == 404


def test_it_sends_no_answer_when_scripted_so(webhooks: Webhooks, http: httpx.Client):
    webhooks.answer_next("alerts", 0)
    with pytest.raises(httpx.ReadTimeout):
        http.post(webhooks.url("alerts"), json={"content": "x"}, timeout=0.3)
