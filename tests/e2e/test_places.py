"""A crowd of idle connections to one port, without logins: everything else goes on. Loopback peers
have no bound by address, so one machine can fill all places here as a botnet can elsewhere."""
import smtplib
from http.client import HTTPConnection
from typing import Iterator

import pytest

from harness.crowd import Crowd, allow_descriptors
from harness.peer import ImapPeer, SmtpPeer
from harness.server import PASSWORDS, Roost, address

PLACES = 600
CROWD = PLACES + 200
NEW = "127.0.9.9"  # no connection of the crowd is from there


@pytest.fixture(name="crowded")
def fixture_crowded(make_roost) -> Iterator[Roost]:  # type: ignore[no-untyped-def]
    """A server with all its places taken by idle connections to port 25; some were closed for
    later ones."""
    allow_descriptors(4 * CROWD)
    roost = make_roost(CONNECTIONS=str(PLACES), ALLOW_PLAINTEXT_AUTH="yes").start()
    crowd = Crowd()
    crowd.join(roost.ports["smtp"], CROWD)
    assert crowd.greeted() == CROWD
    yield roost
    crowd.leave()


def test_imap_answers(crowded: Roost) -> None:
    with ImapPeer(crowded.ports["imaps"], tls=True, source=NEW) as peer:
        peer.login(address("alice"), PASSWORDS["alice"])
        peer.ok("SELECT INBOX")


def test_submission_answers(crowded: Roost) -> None:
    with smtplib.SMTP_SSL("127.0.0.1", crowded.ports["submissions"], timeout=20,
                          source_address=(NEW, 0)) as client:
        client.login(address("alice"), PASSWORDS["alice"])
        client.sendmail(address("alice"), address("bob"), "Subject: x\r\n\r\nx\r\n")


def test_port_25_answers(crowded: Roost) -> None:
    with SmtpPeer(crowded.ports["smtp"], source=NEW) as peer:
        assert peer.greeting[0] == 220
        assert peer.cmd("EHLO new.example")[0] == 250


def test_console_answers(crowded: Roost) -> None:
    client = HTTPConnection("127.0.0.1", crowded.ports["http"], timeout=20,
                            source_address=(NEW, 0))
    client.request("GET", "/")
    assert client.getresponse().status == 200
    client.close()


def test_login_outlives_the_crowd(make_roost) -> None:  # type: ignore[no-untyped-def]
    """A session that has logged in is never closed for others."""
    allow_descriptors(4 * CROWD)
    roost = make_roost(CONNECTIONS=str(PLACES)).start()
    with ImapPeer(roost.ports["imaps"], tls=True) as alice:
        alice.login(address("alice"), PASSWORDS["alice"])
        crowd = Crowd()
        crowd.join(roost.ports["smtp"], CROWD)
        assert crowd.greeted() == CROWD
        alice.ok("NOOP")
        crowd.leave()
