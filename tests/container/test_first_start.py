"""docker-compose.yml as it is, with nothing filled in."""
import urllib.request
from typing import Callable

from engine import HOST, Engine
from stack import Stack


def test_it_starts_and_shows_its_pages(engine: Engine, make_stack: Callable[[bool], Stack]) -> None:
    """Nobody is there yet, and the web pages answer on the usual port."""
    stack = make_stack(False).start()
    with engine.as_visitor():
        with urllib.request.urlopen(f"http://{HOST[4]}/healthz/ready", timeout=10) as answer:
            assert answer.status == 200
    assert stack.roost("healthcheck") == (0, "")
    assert stack.roost("account", "list") == (0, "")
