"""docker-compose.yml from `up` to mail that is read, and what the container may do meanwhile."""
import imaplib
import re
import smtplib
import socket
import ssl
import time
from typing import Callable, Iterator

import pytest

from engine import CONTAINER, HOST, VISITOR, Engine
from stack import ADMIN, USER, Stack

IDLE_MAX_KB = 10_000
STOP_MAX_S = 9  # ROOST_STOP and a second for the engine
LETTER = """From: carol@example.net\r
To: me@example.org\r
Subject: {}\r
\r
Hello.\r
"""


def any_certificate() -> ssl.SSLContext:
    """It is self-signed before ACME has got another."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def deliver(family: int, subject: str) -> None:
    """As another server brings it."""
    with smtplib.SMTP(HOST[family], 25, "mx.example.net", timeout=20) as server:
        server.starttls(context=any_certificate())
        server.sendmail("carol@example.net", [ADMIN], LETTER.format(subject))


def read(stack: Stack, subject: str) -> str:
    """The message of this subject, as its owner's program fetches it."""
    with imaplib.IMAP4_SSL(HOST[4], 993, ssl_context=any_certificate(), timeout=20) as program:
        program.login(ADMIN, stack.password)
        program.select("INBOX")
        _, [found] = program.search(None, "SUBJECT", subject)
        assert len(found.split()) == 1, found
        _, answer = program.fetch(found.decode("ascii"), "(BODY.PEEK[])")
        return answer[0][1].decode("ascii")


@pytest.fixture(scope="module")
def stack(make_stack: Callable[[bool], Stack]) -> Stack:
    """Set up by variables and a secret."""
    return make_stack(True).start()


def test_mail_comes_in_and_is_read(engine: Engine, stack: Stack) -> None:
    """From a stranger to the owner's program; the stranger's own address is seen, not a proxy's."""
    with engine.as_visitor():
        for family in (4, 6):
            deliver(family, f"over-ipv{family}")
            message = read(stack, f"over-ipv{family}")
            received = re.search(r"^Received: (.*\r\n(?:\s.*\r\n)*)", message, re.M)
            assert received and VISITOR[family] in received[1], message


def test_all_ports_answer(engine: Engine, stack: Stack) -> None:
    """Those below 1024 too, though nobody in there is root."""
    with engine.as_visitor():
        for port in (25, 587, 465, 143, 993, 80, 443):
            with socket.create_connection((HOST[4], port), timeout=10):
                pass


def test_rights(stack: Stack) -> None:
    """A fixed user that is not root, no capability, none to be had, a root nobody can write."""
    assert stack.process_status("Uid").split() == [str(USER)] * 4
    assert stack.process_status("Gid").split() == [str(USER)] * 4
    for which in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(stack.process_status(which), 16) == 0, which
    assert stack.process_status("NoNewPrivs") == "1"
    options = {line.split()[4]: line.split()[5].split(",") for line in stack.proc("mountinfo").splitlines()}
    assert "ro" in options["/"] and "rw" in options["/data"]


def test_health(engine: Engine, stack: Stack) -> None:
    """The image's check answers, and the engine draws its conclusion."""
    assert stack.roost("healthcheck") == (0, "")
    assert engine.status("healthcheck", "run", CONTAINER)[0] == 0
    assert engine.inspect(CONTAINER)["State"]["Health"]["Status"] == "healthy"


def test_idle_memory(stack: Stack) -> None:
    """What is resident and not a file's page."""
    assert int(stack.process_status("RssAnon").split()[0]) < IDLE_MAX_KB
    assert int(stack.process_status("VmRSS").split()[0]) < IDLE_MAX_KB


def test_a_second_start_keeps_the_data(engine: Engine, stack: Stack) -> None:
    """`down` removes the container; the volume holds all."""
    with engine.as_visitor():
        deliver(4, "before-the-restart")
    stack.down()
    stack.start()
    with engine.as_visitor():
        assert "Hello." in read(stack, "before-the-restart")


def test_stop_is_in_time(engine: Engine, stack: Stack) -> None:
    """SIGTERM ends it with a clean status although a client stays connected."""
    with engine.as_visitor():
        client = imaplib.IMAP4_SSL(HOST[4], 993, ssl_context=any_certificate(), timeout=20)
    began = time.monotonic()
    engine.podman("stop", "--time", "15", CONTAINER)
    assert time.monotonic() - began < STOP_MAX_S
    assert engine.inspect(CONTAINER)["State"]["ExitCode"] == 0
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        client.noop()
        client.noop()
