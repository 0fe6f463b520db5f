"""Fixtures of the end-to-end tests: the real binary, its peers, and a clean end of both."""
import shutil
import subprocess
from pathlib import Path
from typing import Callable, Iterator

import pytest

from harness.dns_server import DnsServer
from harness.server import Roost, new_folder
from harness.smtp_sink import Sink

Maker = Callable[..., Roost]


def pytest_configure(config: pytest.Config) -> None:
    """Our own marks."""
    config.addinivalue_line("markers", "full(reason): runs in make test-all only")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose tests wait for minutes begin first, so that they run next to the others."""
    full = {item.path for item in items if item.get_closest_marker("full")}
    items.sort(key=lambda item: item.path not in full)


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A data folder with the usual domain and accounts, made by the command line."""
    folder = new_folder()
    Roost(folder / "data").provision()
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def make_roost(template: Path) -> Iterator[Maker]:
    """make_roost(empty=False, folder=a new one, **settings): a server that is not started yet.
    All of them are stopped and examined after the test."""
    made: list[Roost] = []

    def make(empty: bool = False, folder: Path | None = None,
             **settings: str | None) -> Roost:
        folder = folder or new_folder()
        if not empty:  # cp knows how to keep holes
            subprocess.run(["cp", "-r", f"{template}/.", str(folder)], check=True)
        made.append(Roost(folder, settings))
        return made[-1]

    yield make
    try:
        for roost in made:
            for log in roost.logs:
                print(f"--- log of {roost.folder}\n{log.tail(80)}")  # seen when a test fails
            roost.finish()
    finally:
        for roost in made:
            roost.abandon()


@pytest.fixture
def roost(make_roost: Maker) -> Roost:
    """A server with example.org, alice and bob, ready for connections."""
    return make_roost().start()


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    """A name server with an empty zone."""
    server = DnsServer()
    yield server
    server.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Another mail server, without TLS."""
    server = Sink()
    yield server
    server.close()


@pytest.fixture
def make_sender(make_roost: Maker, dns: DnsServer, sink: Sink) -> Maker:
    """As make_roost; for these servers example.net's mail host is the sink."""
    dns.mail_host("example.net")

    def make(folder: Path | None = None, **settings: str | None) -> Roost:
        usual = {"DNS_SERVERS": dns.address, "SMTP_OUT_PORT": str(sink.port),
                 "QUEUE_RETRY": "1s", "QUEUE_RETRY_MAX": "2s"}
        return make_roost(folder=folder, **{**usual, **settings})

    return make


@pytest.fixture
def sender(make_sender: Maker) -> Roost:
    """One of them, which tries again after a second."""
    return make_sender().start()
