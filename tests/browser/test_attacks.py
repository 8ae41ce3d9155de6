"""No page of another origin reaches anything of a running local cloud, in a real browser."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tests.browser.conftest import EVIL, PATIENCE
from tests.serving import LocalServer, Quiet, serving
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser

    from local.cloud import Cloud

# All that a page may send without asking first: it gets no answer, but what was sent has an effect.
PAGE = """<!doctype html>
<img src="{url}"><script src="{url}"></script><link rel="stylesheet" href="{url}"><iframe src="{url}"></iframe>
<iframe name="out"></iframe>
<form method="post" action="{url}" enctype="text/plain" target="out">
  <input name='{{"content": "evil", "name": "evil", "kind": "member", "rest": "' value='"}}'>
</form>
<script>
  document.forms[0].submit();
  fetch("{url}", {{mode: "no-cors"}});
  fetch("{url}", {{mode: "no-cors", method: "POST", body: '{{"content": "evil", "name": "evil"}}'}});
  navigator.sendBeacon("{url}", '{{"content": "evil"}}');
</script>"""


@contextmanager
def served(page: str, asked: list[str] | None = None) -> Generator[int]:
    """A page on its own port; `asked` gets the method of each request."""

    class Answer(Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.command)
            body = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 (the same)

    with serving(LocalServer(Answer)) as server:
        yield server.server_port


def attack(browser: Browser, url: str) -> None:
    """Show somebody a page of another origin, and of another site, that sends everything it can to `url`."""
    with served(PAGE.format(url=url.replace("&", "&amp;"))) as port:
        for host in ("127.0.0.1", EVIL):
            with browser.new_page() as page:
                page.set_default_timeout(PATIENCE)
                page.goto(f"http://{host}:{port}/")
                page.wait_for_load_state("networkidle")


def rebind(browser: Browser, url: str) -> None:
    """Let the evil name itself point to our port: now the page has the origin that it asks."""
    parts = urlsplit(url)
    with browser.new_page() as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"http://{EVIL}:{parts.port}{parts.path}?{parts.query}")
        page.evaluate("url => fetch(url, {method: 'POST', body: '{}'}).then(answer => answer.status)", parts.path)


def test_a_server_that_accepts_everything_is_reached_in_all_these_ways(browser: Browser):
    asked: list[str] = []
    with served("", asked) as port:
        attack(browser, f"http://127.0.0.1:{port}/")
        wait_for(lambda: asked.count("GET") >= 8 and asked.count("POST") >= 6, what="every kind of request, twice")
        there = len(asked)
        rebind(browser, f"http://127.0.0.1:{port}/")
    assert len(asked) > there


QUEUE = "?Action=CreateQueue&QueueName=evil"


@pytest.mark.parametrize("knows_secret", [False, True])
def test_a_page_elsewhere_creates_nothing_in_the_emulator(browser: Browser, cloud: Cloud, knows_secret: bool):
    base = cloud.emulator.url if knows_secret else cloud.emulator.origin
    attack(browser, f"{base}/{QUEUE}")
    rebind(browser, f"{base}/{QUEUE}")
    assert not [url for url in cloud.aws.sqs.list_queues().get("QueueUrls", []) if "evil" in url]
    # The same request by a program of ours does it, so the page was refused for what it is.
    assert httpx.get(f"{cloud.emulator.url}/{QUEUE}", trust_env=False).is_success
    cloud.aws.sqs.delete_queue(QueueUrl=cloud.aws.sqs.get_queue_url(QueueName="evil")["QueueUrl"])


def test_a_page_elsewhere_posts_to_no_webhook(browser: Browser, cloud: Cloud):
    attack(browser, cloud.webhooks.url("alerts"))
    rebind(browser, cloud.webhooks.url("alerts"))
    assert not [one for one in cloud.webhooks.received if "evil" in str(one)]


def test_a_page_elsewhere_runs_no_function(browser: Browser, cloud: Cloud):
    name = "mastermind-migrate"  # which no schedule runs
    before = (cloud.runner.counts[name].cold, cloud.runner.counts[name].warm)
    attack(browser, f"{cloud.runner.url}/{name}")
    rebind(browser, f"{cloud.runner.url}/{name}")
    assert (cloud.runner.counts[name].cold, cloud.runner.counts[name].warm) == before


def test_a_page_elsewhere_plays_nothing_and_does_no_mischief(browser: Browser, cloud: Cloud):
    for path in ("api/personas", "api/mischief/cold"):
        attack(browser, f"{cloud.simulator.url}{path}")
        rebind(browser, f"{cloud.simulator.url}{path}")
    assert not [one for one in cloud.simulator.personas.all() if one.user.name == "evil"]
