"""Submission: users send mail (RFC 6409), and only as themselves."""
import base64
import http.client
import json
import smtplib
import socket
import time
from email.utils import parsedate_to_datetime

import pytest

from conftest import Maker
from harness import mail
from harness.peer import SmtpPeer, trusting, until
from harness.server import HOSTNAME, PASSWORDS, Roost
from harness.smtp_sink import Sink


def plain(user: str, password: str, authzid: str = "") -> str:
    """The response of AUTH PLAIN."""
    return base64.b64encode(f"{authzid}\0{user}\0{password}".encode()).decode()


def secure(roost: Roost, **kw: object) -> SmtpPeer:
    """A peer on the submissions port, greeted."""
    peer = SmtpPeer(roost.ports["submissions"], tls=True, **kw)
    assert peer.code("EHLO laptop.local") == 250
    return peer


def test_no_login_and_no_mail_in_the_clear(roost: Roost) -> None:
    with SmtpPeer(roost.ports["submission"]) as peer:
        assert "AUTH" not in peer.cmd("EHLO laptop.local")[1]
        assert peer.code("AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])) == 538
        assert peer.code("MAIL FROM:<alice@example.org>") == 530
        assert peer.code("STARTTLS") == 220
        peer.wrap()
        assert " PLAIN LOGIN" in peer.cmd("EHLO laptop.local")[1]
        assert peer.code("MAIL FROM:<alice@example.org>") == 530
        assert peer.code("AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])) == 235
        assert peer.code("AUTH PLAIN AGEAYg==") == 503  # once is enough
        assert peer.code("MAIL FROM:<alice@example.org>") == 250


def test_plaintext_login_by_setting(make_roost: Maker) -> None:
    roost = make_roost(ALLOW_PLAINTEXT_AUTH="on").start()
    with SmtpPeer(roost.ports["submission"]) as peer:
        assert "AUTH" in peer.cmd("EHLO laptop.local")[1]
        assert peer.code("AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])) == 235


def test_forms_of_login(roost: Roost) -> None:
    with secure(roost) as peer:
        assert peer.code("AUTH PLAIN") == 334
        assert peer.code(plain("alice@example.org", PASSWORDS["alice"])) == 235
    with secure(roost) as peer:
        assert peer.code("AUTH LOGIN") == 334
        assert peer.code(base64.b64encode(b"ALICE@Example.ORG").decode()) == 334
        assert peer.code(base64.b64encode(PASSWORDS["alice"].encode()).decode()) == 235
    with secure(roost) as peer:
        assert peer.code("AUTH PLAIN " + plain("alice", PASSWORDS["alice"])) == 235
    with secure(roost) as peer:
        assert peer.code("AUTH PLAIN") == 334
        assert peer.code("*") == 501
        assert peer.code("AUTH PLAIN !!!") == 501
        assert peer.code("AUTH GUESS x") == 504
        as_bob = plain("alice@example.org", PASSWORDS["alice"], "bob@example.org")
        assert peer.code("AUTH PLAIN " + as_bob) == 535
        assert peer.code("NOOP") == 250


def test_password_in_utf8(roost: Roost) -> None:
    roost.cli("account", "passwd", "bob@example.org", stdin="bücher & würmer\n")
    with secure(roost) as peer:
        assert peer.code("AUTH PLAIN " + plain("bob@example.org", "bücher & würmer")) == 235


def test_submitted_mail_gets_what_is_missing(roost: Roost) -> None:
    with mail.submission(roost) as s:
        s.sendmail("alice@example.org", ["bob@example.org"],
                   "From: alice@example.org\r\nSubject: bare\r\n\r\nx\r\n")
    (raw,) = mail.inbox(roost, "bob")
    message = mail.parse(raw)
    assert abs(parsedate_to_datetime(message["Date"]).timestamp() - time.time()) < 60
    assert message["Message-ID"].endswith(f"@{HOSTNAME}>") or "@" in message["Message-ID"]
    assert "ESMTPSA" in message["Received"]
    assert "127.0.0.1" not in message["Received"], "where users sit is nobody's business"


def test_what_is_there_stays(roost: Roost) -> None:
    original = mail.letter("whole", sender="alice@example.org", to="bob@example.org")
    mail.submit(roost, original, "bob@example.org")
    (raw,) = mail.inbox(roost, "bob")
    assert raw.endswith(original)
    assert raw.lower().count(b"\r\ndate:") == 1 and raw.lower().count(b"\r\nmessage-id:") == 1


@pytest.mark.parametrize("sender, code", [
    ("alice@example.org", 250), ("alice+shop@example.org", 250), ("ALICE@example.org", 250),
    ("desk@example.org", 250),  # an alias that leads to alice
    ("", 250),  # RFC 6409 3.2
    ("bob@example.org", 553), ("carol@example.net", 553), ("nobody@example.org", 553),
])
def test_envelope_sender(roost: Roost, sender: str, code: int) -> None:
    roost.cli("alias", "add", "desk@example.org", "alice@example.org")
    with secure(roost) as peer:
        assert peer.code("AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])) == 235
        assert peer.code(f"MAIL FROM:<{sender}>") == code


@pytest.mark.parametrize("fields", ["From: bob@example.org\r\n",
                                    "From: Alice <alice@example.org>, bob@example.org\r\n",
                                    "From: alice@example.org\r\nFrom: bob@example.org\r\n"])
def test_author_of_somebody_else(roost: Roost, fields: str) -> None:
    with mail.submission(roost) as s, pytest.raises(smtplib.SMTPDataError) as refused:
        s.sendmail("alice@example.org", ["bob@example.org"], f"{fields}Subject: x\r\n\r\nx\r\n")
    assert refused.value.smtp_code in (550, 554)


@pytest.mark.parametrize("fields, code", [
    ("From: bob@example.org.\r\n", 554), ("From: bob @example.org\r\n", 554),
    ("From: bob@example.org\u00a0\r\n", 554), ("From: =?utf-8?q?bob=40example.org?=\r\n", 554),
    ("From: all: bob@example.org;\r\n", 554), ("From: \"bob\"@example.org\r\n", 550),
    ("From:\r\n (x)\r\n bob@example.org\r\n", 550), ("From:\r\n", 554),
    ("From: alice@example.org\r\nSender: bob@example.org\r\n", 550),
    ("From: alice@example.org\r\nResent-From: bob@example.org\r\n", 550),
])
def test_author_in_disguise(roost: Roost, fields: str, code: int) -> None:
    with mail.submission(roost) as s, pytest.raises(smtplib.SMTPDataError) as refused:
        s.sendmail("alice@example.org", ["bob@example.org"],
                   f"{fields}Subject: x\r\n\r\nx\r\n".encode())
    assert refused.value.smtp_code == code
    assert not mail.inbox(roost, "bob")


def test_author_is_added(roost: Roost) -> None:
    with mail.submission(roost) as s:
        s.sendmail("alice+shop@example.org", ["bob@example.org"], "Subject: bare\r\n\r\nx\r\n")
    (raw,) = mail.inbox(roost, "bob")
    assert mail.parse(raw).get_all("From") == ["alice+shop@example.org"]


def test_relays_for_users_only(sender: Roost, sink: Sink) -> None:
    with secure(sender) as peer:
        assert peer.code("MAIL FROM:<alice@example.org>") == 530
    mail.submit(sender, mail.letter("out"), "friend@example.net")
    (got,) = sink.wait(1)
    assert (got.sender, got.rcpts) == ("alice@example.org", ["friend@example.net"])


def attempts(roost: Roost, count: int, source: str, user: str) -> list[int]:
    """So many wrong passwords, each a different one; the codes."""
    codes: list[int] = []
    while len(codes) < count:
        with secure(roost, source=source) as peer:
            for _ in range(4):
                guess = plain(user, f"guess {len(codes)} from {source}")
                codes.append(peer.code("AUTH PLAIN " + guess))
    return codes[:count]


def test_lockout_by_login(roost: Roost) -> None:
    codes = [attempts(roost, 4, f"127.0.0.{n}", "alice@example.org") for n in (11, 12, 13, 14)]
    flat = sum(codes, [])
    assert flat[:10] == [535] * 10 and flat[10:] == [454] * 6
    # From anywhere, also with the right password; but others are not concerned.
    with secure(roost, source="127.0.0.20") as peer:
        assert peer.code("AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])) == 454
        assert peer.code("AUTH PLAIN " + plain("bob@example.org", PASSWORDS["bob"])) == 235
    assert roost.log and roost.log.has(" login_locked ")


def imap_login(roost: Roost, source: str) -> str:
    """The answer to alice's LOGIN from this address."""
    with socket.create_connection(("127.0.0.1", roost.ports["imaps"]), 20,
                                  (source, 0)) as plain_socket, \
            trusting().wrap_socket(plain_socket) as s, s.makefile("rwb") as f:
        f.readline()
        f.write(f'a LOGIN alice@example.org "{PASSWORDS["alice"]}"\r\n'.encode())
        f.flush()
        return f.readline().decode()


def web_login(roost: Roost, source: str) -> int:
    """The status of alice's login to the console from this address."""
    c = http.client.HTTPConnection("127.0.0.1", roost.ports["http"], 20, source_address=(source, 0))
    body = json.dumps({"login": "alice@example.org", "password": PASSWORDS["alice"]})
    c.request("POST", "/api/login", body, {"Content-Type": "application/json"})
    status = c.getresponse().status
    c.close()
    return status


def test_strangers_lock_out_strangers_only(roost: Roost) -> None:
    """A network from which a login succeeded (a /24) is let in, after a restart too, however often
    strangers fail; takes up to 8 s, since guesses are slowed down."""
    login = "AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])
    with secure(roost, source="127.0.0.20") as peer:
        assert peer.code(login) == 235
    roost.stop()
    roost.start()
    for n in (11, 12, 13):
        attempts(roost, 4, f"127.1.{n}.1", "alice@example.org")
    with secure(roost, source="127.9.0.1") as peer:
        assert peer.code(login) == 454
    assert "NO [UNAVAILABLE]" in imap_login(roost, "127.9.0.2")
    assert web_login(roost, "127.9.0.3") == 503
    with secure(roost, source="127.0.0.20") as peer:
        assert peer.code(login) == 235
    assert "a OK" in imap_login(roost, "127.0.0.21")
    assert web_login(roost, "127.0.0.22") == 200


def test_own_failures_slow_a_known_network_down(roost: Roost) -> None:
    """An old password on some device keeps nobody of the house out; takes up to 10 s: the tries
    before wait half a second, the last one three."""
    login = "AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])
    with secure(roost, source="127.0.0.20") as peer:
        assert peer.code(login) == 235
    roost.stop()
    roost.start()
    attempts(roost, 20, "127.0.0.20", "alice@example.org")
    begun = time.monotonic()
    with secure(roost, source="127.0.0.20") as peer:
        assert peer.code(login) == 235
        assert time.monotonic() - begun >= 2.9
    with secure(roost, source="127.0.0.20") as peer:
        assert peer.code("AUTH PLAIN " + plain("bob@example.org", PASSWORDS["bob"])) == 454


def test_lockout_by_address(roost: Roost) -> None:
    codes = sum((attempts(roost, 4, "127.0.0.30", f"guess{n}@example.org") for n in range(7)), [])
    assert codes == [535] * 20 + [454] * 8
    with secure(roost, source="127.0.0.30") as peer:
        assert peer.code("AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])) == 454
    with secure(roost, source="127.0.0.31") as peer:
        assert peer.code("AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])) == 235


def test_new_password_is_the_way_back_in(roost: Roost) -> None:
    for user in ("alice@example.org", "guess1@example.org", "guess2@example.org"):
        attempts(roost, 8, "127.0.0.30", user)
    with secure(roost, source="127.0.0.30") as peer:
        assert peer.code("AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])) == 454
    roost.cli("account", "passwd", "alice@example.org", stdin="new words\n")

    def comes_in() -> bool:
        with secure(roost, source="127.0.0.30") as peer:
            return peer.code("AUTH PLAIN " + plain("alice@example.org", "new words")) == 235

    until(comes_in, 5, "a login")


def test_same_wrong_password_again_locks_nobody_out(roost: Roost) -> None:
    for _ in range(15):
        with secure(roost) as peer:
            assert peer.code("AUTH PLAIN " + plain("alice@example.org", "the old one")) == 535
    with secure(roost) as peer:
        assert peer.code("AUTH PLAIN " + plain("alice@example.org", PASSWORDS["alice"])) == 235


def test_many_failures_end_the_connection(roost: Roost) -> None:
    with secure(roost) as peer:
        codes = []
        while (code := peer.code("AUTH PLAIN " + plain("bob@example.org", f"{codes}"))) == 535:
            codes.append(code)
        assert code == 421 and len(codes) < 10


def test_replies_do_not_tell_whether_an_account_exists(roost: Roost) -> None:
    replies: dict[str, set[tuple[int, str]]] = {}
    times: dict[str, list[float]] = {"alice@example.org": [], "nobody@example.org": []}
    for n in range(9):  # one short of a lock
        for user, seconds in times.items():
            with secure(roost, source=f"127.0.1.{n + 1}") as peer:
                began = time.monotonic()
                reply = peer.cmd("AUTH PLAIN " + plain(user, f"wrong {n}"))
                seconds.append(time.monotonic() - began)
                replies.setdefault(user, set()).add(reply)
    assert replies["alice@example.org"] == replies["nobody@example.org"]
    # The fastest of nine: load on the machine makes single replies slower, never faster.
    known, unknown = [min(times[user]) for user in times]
    assert 0.5 < known / unknown < 2, times


def test_starttls_ignores_what_came_before(roost: Roost) -> None:
    with smtplib.SMTP("127.0.0.1", roost.ports["submission"], "laptop", timeout=20) as s:
        s.starttls(context=trusting())
        assert s.docmd("MAIL FROM:<alice@example.org>")[0] == 503  # no EHLO yet
