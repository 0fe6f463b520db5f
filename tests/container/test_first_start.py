"""docker-compose.yml as it is, with nothing filled in: from `up` through the link in the log to mail
that is read."""
import re
import time
import urllib.request
from typing import Callable, Iterator

import pytest

from engine import CONTAINER, HOST, Engine
from outside import FRIEND, OWNER, Browser, World, deliver, read
from stack import STOP_MAX_S, Stack

PASSWORD = "four words are enough"


@pytest.fixture(name="world")
def fixture_world(engine: Engine) -> Iterator[World]:
    """There before the first question is asked."""
    with engine.as_visitor():
        made = World()
    yield made
    made.close()


def link_token(stack: Stack) -> str:
    """Of the link that was printed last. It works on the host of the container, whose own address
    leads nowhere from outside."""
    found = re.findall(r"^ *http://127\.0\.0\.1:80/setup#token=(\w+)$", stack.log(), re.M)
    assert found, stack.log()
    return found[-1]


def test_it_starts_and_shows_its_pages(engine: Engine, make_stack: Callable[[bool], Stack]) -> None:
    """Nobody is there yet, and the web pages answer on the usual port."""
    stack = make_stack(False).start()
    with engine.as_visitor():
        with urllib.request.urlopen(f"http://{HOST[4]}/healthz/ready", timeout=10) as answer:
            assert answer.status == 200
    assert stack.roost("healthcheck") == (0, "")
    assert stack.roost("account", "list") == (0, "")
    stack.remove()


def test_from_the_link_to_mail_that_is_read(engine: Engine, make_stack: Callable[[bool], Stack],
                                            world: World) -> None:
    """The calls of the setup page, in its order, and the container begun anew between them."""
    stack = make_stack(False).start()
    browser = Browser(link_token(stack))
    with engine.as_visitor():
        assert browser.step() == "host"
        browser.put("/setup/host", {"hostname": "mail.example.org", "domain": "example.org"})
        browser.put("/setup/owner", {"address": OWNER, "name": "Me", "password": PASSWORD})

    began = time.monotonic()
    engine.podman("stop", "--time", "15", CONTAINER)
    assert time.monotonic() - began < STOP_MAX_S
    assert engine.inspect(CONTAINER)["State"]["ExitCode"] == 0
    engine.podman("start", CONTAINER)
    stack.wait_ready(2)
    assert link_token(stack) == browser.headers["X-Setup-Token"]

    with engine.as_visitor():
        assert browser.step() == "look-around"
        looked = {check["id"]: check for check in browser.post("/setup/look-around")["checks"]}
        assert looked["port25"]["state"] == "ok", looked["port25"]
        browser.put("/setup/delivery", {"mode": "direct"})
        browser.put("/setup/certificate", {"mode": "self", "terms": False})
        assert browser.get("/setup/dns")["domain"] == "example.org"
        tried = browser.post("/setup/test-mail", {"to": FRIEND})
        assert tried["state"] == "ok", tried
        assert world.sink.wait(1)[0].sender == OWNER
        assert browser.post("/setup/finish")["address"] == OWNER
        deliver(4, "the-first-message")
        assert "Hello." in read(PASSWORD, "the-first-message")
