"""Sessions of mail programs end with what let them in; the sessions of others do not."""
import base64
import time

import pytest

from harness.api import Api, as_owner, as_user
from harness.peer import Peer, SmtpPeer
from harness.server import PASSWORDS, Roost, address

ALICE, BOB = address("alice"), address("bob")
SOON_S = 1.5  # a look each half second, and a machine that is busy


def idle(roost: Roost, user: str, password: str) -> Peer:
    """An IMAP session that waits in IDLE."""
    peer = Peer(roost.ports["imaps"], tls=True)
    assert peer.line().startswith("* OK ")
    peer.send(f'a LOGIN {user} "{password}"\r\n')
    assert peer.line().startswith("a OK ")
    peer.send("b IDLE\r\n")
    assert peer.line() == "+ idling"
    return peer


def submission(roost: Roost, user: str, password: str) -> SmtpPeer:
    """A submission session that is logged in, with a transaction begun."""
    peer = SmtpPeer(roost.ports["submissions"], tls=True)
    assert peer.code("EHLO laptop.local") == 250
    plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    assert peer.code(f"AUTH PLAIN {plain}") == 235
    assert peer.code(f"MAIL FROM:<{user}>") == 250
    return peer


def both(roost: Roost, user: str, password: str) -> tuple[Peer, SmtpPeer]:
    """One session of each kind."""
    return idle(roost, user, password), submission(roost, user, password)


def ended(sessions: tuple[Peer, SmtpPeer], since: float) -> None:
    """Both are told so soon after since, and closed."""
    imap, smtp = sessions
    assert imap.line() == "* BYE The login is no longer valid, log in again"
    assert smtp.reply() == (421, "4.7.0 the login is no longer valid, log in again")
    assert imap.line() == "" and smtp.line() == ""
    assert time.monotonic() - since < SOON_S


def alive(sessions: tuple[Peer, SmtpPeer]) -> None:
    """Nobody has touched them."""
    imap, smtp = sessions
    assert imap.silent(0.1)
    imap.send("DONE\r\n")
    assert imap.line().startswith("b OK ")
    assert smtp.code(f"RCPT TO:<{ALICE}>") == 250


def app_password(api: Api, label: str) -> tuple[str, str]:
    """Its id and its text."""
    made = api.post("/me/app-passwords", {"label": label})
    return made["id"], made["password"]


def test_an_app_password_that_goes(roost: Roost) -> None:
    api = as_user(roost)
    (lost, lost_text), (kept, kept_text) = app_password(api, "phone"), app_password(api, "laptop")
    phone, laptop = both(roost, BOB, lost_text), both(roost, BOB, kept_text)
    own = both(roost, BOB, PASSWORDS["bob"])
    since = time.monotonic()
    api.delete(f"/me/app-passwords/{lost}")
    ended(phone, since)
    alive(own)
    # by the command line, which is another process
    since = time.monotonic()
    roost.cli("account", "app-password", "rm", BOB, kept)
    ended(laptop, since)
    assert roost.log
    assert any(" login_ended " in line and BOB in line for line in roost.log.lines)


@pytest.mark.parametrize("by", ["api", "cli"])
@pytest.mark.parametrize("change", ["password", "disabled", "removed"])
def test_what_happens_to_an_account(roost: Roost, by: str, change: str) -> None:
    api = as_owner(roost)
    bobs = both(roost, BOB, PASSWORDS["bob"])
    alices = both(roost, ALICE, PASSWORDS["alice"])
    since = time.monotonic()
    if by == "cli":
        words = {"password": "passwd", "disabled": "disable", "removed": "rm"}[change]
        roost.cli("account", words, BOB, stdin="another one\n" if change == "password" else "")
    elif change == "password":
        api.put(f"/accounts/{BOB}/password", {"password": "another one"})
    elif change == "disabled":
        api.put(f"/accounts/{BOB}", {"logins": False})
    else:
        api.delete(f"/accounts/{BOB}")
    ended(bobs, since)
    alive(alices)


def test_what_ends_nothing(roost: Roost) -> None:
    api = as_owner(roost)
    bobs = both(roost, BOB, PASSWORDS["bob"])
    api.put(f"/accounts/{BOB}", {"name": "Robert", "quota_bytes": 10**9})
    api.post("/accounts", {"address": "eve@example.org", "password": "long enough"})
    api.delete("/accounts/eve@example.org")
    time.sleep(1)
    alive(bobs)
