"""Slow, silent, endless and mad peers: the server keeps its memory and serves the others."""
import os
import random
import socket
import struct
import time
import urllib.request
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail
from harness.crowd import Crowd, allow_descriptors
from harness.net import Namespace
from harness.peer import ImapPeer, Peer, SmtpPeer, until
from harness.server import BINARY, LISTENERS, PASSWORDS, Roost

# Sanitizers need several times the memory and time; the bounds are meant for the real one.
SLACK = 8 if "/check/" in BINARY or "/tsan/" in BINARY else 1
PLAIN = ("smtp", "submission", "imap", "http")


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """Nobody yet."""
    allow_descriptors(12_000)
    made = Crowd()
    yield made
    made.leave()


def serves(roost: Roost, seconds: float = 2) -> None:
    """A letter comes in, is read, and the health page answers, each soon enough."""
    word = mail.unique()
    began = time.monotonic()
    mail.deliver(roost, mail.letter(word))
    session = mail.mailbox(roost)
    assert session.search(None, "SUBJECT", word)[1] != [b""]
    session.logout()
    url = f"http://127.0.0.1:{roost.ports['http']}/healthz/ready"
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 200
    took = time.monotonic() - began
    assert took < seconds * SLACK, f"it took {took:.1f} s"


def keeps_serving(roost: Roost, seconds: float = 1.5) -> None:
    """For a while, one after the other."""
    until_then = time.monotonic() + seconds
    while time.monotonic() < until_then:
        serves(roost)


def open_connections(roost: Roost) -> int:
    """By its own count, without the one that asks."""
    url = f"http://127.0.0.1:{roost.ports['http']}/metrics"
    with urllib.request.urlopen(url, timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("roost_connections "):
                return int(float(line.split()[1])) - 1
    raise AssertionError("no such metric")


def memory_kb(roost: Roost) -> int:
    """What is resident now."""
    return roost.status("VmRSS")


@pytest.mark.parametrize("service", LISTENERS)
def test_slowloris(roost: Roost, crowd: Crowd, service: str) -> None:
    hello = {"smtp": b"EHLO x", "submission": b"EHLO x", "imap": b"a NOOP ",
             "http": b"GET / HTTP/1.1\r\nHost: x\r\nX: y\r\nY: "}
    crowd.join(roost.ports[service], 300)
    # A ClientHello that never ends, or a line that never ends.
    crowd.trickle(hello.get(service, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), 0.02)
    keeps_serving(roost)
    assert memory_kb(roost) < 64 * 1024 * SLACK


def test_trickled_message_and_literal(roost: Roost, crowd: Crowd) -> None:
    crowd.join(roost.ports["smtp"], 100)
    assert crowd.greeted() == 100
    for sock in crowd.socks:
        sock.sendall(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n")
    crowd.trickle(b"Subject: slow\r\n.", 0.02)
    keeps_serving(roost)


def test_five_thousand_connections(make_roost: Maker, crowd: Crowd) -> None:
    roost = make_roost().start()
    serves(roost)
    before = memory_kb(roost)
    began = time.monotonic()
    for service, count in (("smtp", 2000), ("imap", 2000), ("submission", 1000)):
        crowd.join(roost.ports[service], count)
    assert crowd.greeted() == 5000
    assert time.monotonic() - began < 10 * SLACK
    assert open_connections(roost) == 5000
    assert (memory_kb(roost) - before) / 5000 < 12 * SLACK, "kB for each connection"
    serves(roost)
    crowd.leave()
    until(lambda: open_connections(roost) == 0, what="the end of all of them")
    serves(roost)


def test_five_thousand_http_connections(make_roost: Maker, crowd: Crowd) -> None:
    roost = make_roost(CONNECTIONS="9000").start()  # each other service has a reserve
    crowd.join(roost.ports["http"], 2500)
    crowd.join(roost.ports["https"], 2500)
    until(lambda: open_connections(roost) >= 5000)
    serves(roost, 4)


def test_limit_of_all_connections(make_roost: Maker) -> None:
    """Connections with a login stay, and take no place of another service's share."""
    roost = make_roost(CONNECTIONS="20").start()
    peers = []
    with pytest.raises(OSError):  # the TLS port closes without a word
        while len(peers) <= 20:
            peers.append(ImapPeer(roost.ports["imaps"], tls=True))
            peers[-1].login("alice@example.org", PASSWORDS["alice"])
    with SmtpPeer(roost.ports["smtp"]) as other:  # its share is not theirs
        assert other.greeting[0] == 220
    assert all(p.ok("NOOP") for p in peers)
    count = len(peers)
    peers.pop().close()
    until(lambda: open_connections(roost) < count, what="a free place")
    assert ImapPeer(roost.ports["imaps"], tls=True).greeting.startswith("* OK")


@pytest.mark.skipif(os.getuid() != 0, reason="a network namespace needs root")
def test_limit_per_address(make_roost: Maker) -> None:
    net = Namespace()
    roost = make_roost(CONNECTIONS_PER_ADDRESS="10", LISTEN_SMTP="*:2525", LISTEN_IMAP="*:2143")
    roost.prefix = net.prefix
    try:
        roost.start()
        said = net.python("""
import socket
def hello(source, port):
    s = socket.create_connection(("192.0.2.1", port), 10, (source, 0))
    kept.append(s)
    return s.recv(100).decode().split()[:2]
kept = []
for n in range(11):
    print(*hello("192.0.2.2", 2525))
print(*hello("192.0.2.2", 2143))
print(*hello("192.0.2.1", 2525))
""").splitlines()
        assert [line.split()[0] for line in said[:11]] == ["220"] * 10 + ["421"]
        assert said[11] == "* BYE"
        assert said[12].startswith("220")  # others are not concerned
    finally:
        roost.finish()
        net.close()


@pytest.mark.parametrize("service", PLAIN)
def test_endless_line(roost: Roost, service: str) -> None:
    before = memory_kb(roost)
    with Peer(roost.ports[service]) as peer:
        try:
            for _ in range(160):
                peer.send(b"x" * 65536)
            peer.sock.shutdown(socket.SHUT_WR)
            answer = peer.rest()
        except (ConnectionError, BrokenPipeError):
            answer = b""  # thrown out; what it said was lost on the way
    assert answer.count(b"\n") < 50
    assert memory_kb(roost) - before < 4096 * SLACK
    serves(roost)


def test_long_line_gets_an_answer(roost: Roost) -> None:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert peer.code("EHLO x" + "y" * 3000) == 500
        assert peer.code("NOOP") == 250
    with ImapPeer(roost.ports["imap"]) as imap:
        imap.send("a " + "x" * 10_000)
        assert imap.line().startswith("* BYE")


@pytest.mark.parametrize("literal", ["{4294967295}", "{99999999999999999999}", "{4000000000+}",
                                     "{-1}", "{70000}"])
def test_endless_literal_before_login(roost: Roost, literal: str) -> None:
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.send(f"a LOGIN {literal}\r\n")
        assert peer.line().startswith(("a NO", "a BAD", "* BYE"))
    serves(roost)


@pytest.mark.parametrize("literal", ["{4294967296}", "{99999999999999999999}", "{60000000}"])
def test_endless_literal_after_login(roost: Roost, literal: str) -> None:
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login("alice@example.org", PASSWORDS["alice"])
        assert peer.cmd(f"APPEND INBOX {literal}")[-1].startswith(("NO", "BAD"))
        peer.ok("NOOP")


def test_many_literals_in_one_command(roost: Roost) -> None:
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login("alice@example.org", PASSWORDS["alice"])
        before = memory_kb(roost)
        peer.send("a SEARCH" + " SUBJECT {60000+}\r\n" + "x" * 60000)
        try:
            for _ in range(200):
                peer.send(" SUBJECT {60000+}\r\n" + "x" * 60000)
            peer.send("\r\n")
            assert peer.line().startswith(("a NO", "a BAD", "* BYE"))
        except ConnectionError:
            pass
        assert memory_kb(roost) - before < 4096 * SLACK


def test_endless_header_in_a_message(make_roost: Maker) -> None:
    roost = make_roost(MESSAGE_SIZE="8M").start()
    serves(roost)
    before = memory_kb(roost)
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("carol@example.net", "alice@example.org")
        assert peer.code("DATA") == 354
        for _ in range(400):
            peer.send(b"X-Endless: " + b"y" * 50_000 + b"\r\n")
        peer.send(b".\r\n")
        assert peer.reply()[0] == 552
        assert peer.code("NOOP") == 250
    assert memory_kb(roost) - before < 8192 * SLACK


@pytest.mark.parametrize("by_bdat", [False, True])
def test_header_beyond_its_maximum(roost: Roost, by_bdat: bool) -> None:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        for fields, code in ((10_400, 250), (11_000, 552)):  # 100 bytes each; 1 MiB is the end
            message = (b"X-Many: " + b"y" * 90 + b"\r\n") * fields + b"\r\nbody\r\n"
            peer.envelope("carol@example.net", "alice@example.org")
            if by_bdat:
                peer.send(f"BDAT {len(message)} LAST\r\n".encode() + message)
                got, text = peer.reply()
            else:
                got, text = peer.data(message)
            assert got == code, text
            assert code == 250 or text.startswith("5.3.4")
    assert len(mail.inbox(roost)) == 1


EXPENSIVE = {
    "parts": "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\n\r\n" * 60_000,
    "depth": "".join(f"Content-Type: multipart/mixed; boundary={n}\r\n\r\n--{n}\r\n"
                     for n in range(3000)),
    "messages": "Content-Type: message/rfc822\r\n\r\n" * 5000,
    "addresses": "To: " + "a@b.test, " * 100_000 + "\r\n\r\n",
    "words": "Subject: " + "=?utf-8?q?=41?= " * 60_000 + "\r\n\r\n",
    "folds": "Subject:" + "\r\n x" * 200_000 + "\r\n\r\n",
    "parameters": "Content-Type: text/plain" + "; a=b" * 100_000 + "\r\n\r\n",
    "comments": "From: " + "(" * 500_000 + "\r\n\r\n",
    "fields": "X: y\r\n" * 150_000 + "\r\n",
    "html": "Content-Type: text/html\r\n\r\n" + "<div><" * 200_000 + "\r\n",
}


@pytest.mark.parametrize("kind", EXPENSIVE)
def test_message_made_to_be_expensive(roost: Roost, kind: str) -> None:
    began = time.monotonic()
    mail.deliver(roost, EXPENSIVE[kind].encode())
    with ImapPeer(roost.ports["imaps"], tls=True, timeout=30) as peer:
        peer.login("alice@example.org", PASSWORDS["alice"])
        peer.ok("SELECT INBOX")
        peer.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE)")
        peer.ok("SEARCH SUBJECT nothing")
    assert time.monotonic() - began < 3 * SLACK


def test_half_closed_peers_are_answered_and_let_go(roost: Roost) -> None:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.send("EHLO x.example.net\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n"
                  "Subject: half\r\n\r\n.\r\n")
        peer.sock.shutdown(socket.SHUT_WR)
        assert [peer.reply()[0] for _ in range(5)] == [250, 250, 250, 354, 250]
        peer.rest()
    with ImapPeer(roost.ports["imap"]) as imap:
        imap.send("a CAPABILITY\r\nb NOOP\r\n")
        imap.sock.shutdown(socket.SHUT_WR)
        assert imap.until("a")[-1].startswith("OK") and imap.until("b")[-1].startswith("OK")
        imap.rest()
    idle = [Peer(roost.ports[name]) for name in PLAIN for _ in range(20)]
    for peer in idle:
        peer.sock.shutdown(socket.SHUT_WR)
    until(lambda: open_connections(roost) == 0, what="the end of half-closed connections")


def test_peers_that_vanish_with_a_reset(roost: Roost) -> None:
    for n in range(200):
        with Peer(roost.ports[LISTENERS[n % len(LISTENERS)]]) as peer:
            peer.send(b"EHLO x\r\n" if n % 2 else b"")
            peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    until(lambda: open_connections(roost) == 0, what="the end of all of them")
    serves(roost)


HEAD = "EHLO x.example.net\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\n"
STAGES = {  # what was sent when the peer does something odd, and the replies to it
    "greeting": ("", []),
    "half a command": ("EHLO x.exa", []),
    "hello": ("EHLO x.example.net\r\n", [250]),
    "starttls": ("EHLO x.example.net\r\nSTARTTLS\r\n", [250, 220]),
    "mail": ("EHLO x.example.net\r\nMAIL FROM:<>\r\n", [250, 250]),
    "rcpt": (HEAD, [250] * 3),
    "data": (HEAD + "DATA\r\n", [250, 250, 250, 354]),
    "text": (HEAD + "DATA\r\nSubject: cut\r\n\r\nhalf a li", [250, 250, 250, 354]),
    "almost the dot": (HEAD + "DATA\r\nSubject: cut\r\n\r\n.\r", [250, 250, 250, 354]),
    "chunk": (HEAD + "BDAT 100\r\nSubject: cut\r\n", [250] * 3),
    "no last chunk": (HEAD + "BDAT 16\r\nSubject: cut\r\n\r\n", [250] * 4),
    "whole": (HEAD + "DATA\r\nSubject: whole\r\n\r\n.\r\n", [250, 250, 250, 354, 250]),
}


def goes(peer: SmtpPeer, how: str, said: str) -> None:
    """The peer's odd way to say goodbye."""
    if how == "reset":
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif how == "half-close":
        peer.sock.shutdown(socket.SHUT_WR)
        peer.rest()
    elif how == "garbage":
        peer.send(os.urandom(300).replace(b".", b"") * 20)
        if "starttls" not in said.lower():
            peer.sock.shutdown(socket.SHUT_WR)
        try:
            peer.rest()
        except ConnectionError:
            pass  # it has heard enough
    peer.close()


@pytest.mark.parametrize("how", ["reset", "close", "half-close", "garbage"])
def test_peers_that_go_in_every_stage(roost: Roost, how: str) -> None:
    """What was not ended is not delivered, what was is, and nothing is left of any of them."""
    for said, codes in STAGES.values():
        for waits in (False, True):  # for the replies
            peer = SmtpPeer(roost.ports["smtp"])
            for byte in said.encode() if waits else []:
                peer.send(bytes([byte]))
            if not waits:
                peer.send(said)
            assert [peer.reply()[0] for _ in codes] == codes if waits else True
            goes(peer, how, said)
    until(lambda: open_connections(roost) == 0, what="the end of all of them")
    # A reset may overtake what came before it.
    subjects = [mail.parse(raw)["Subject"] for raw in mail.inbox(roost)]
    assert set(subjects) == {"whole"} and len(subjects) in ((1, 2) if how == "reset" else (2,))
    serves(roost)


def test_peers_that_do_not_read(roost: Roost) -> None:
    mail.deliver(roost, mail.letter("big", ("x" * 70 + "\n") * 100_000))
    before = memory_kb(roost)
    deaf = []
    for _ in range(20):
        peer = ImapPeer(roost.ports["imaps"], tls=True)
        peer.login("alice@example.org", PASSWORDS["alice"])
        peer.ok("SELECT INBOX")
        peer.send("a FETCH 1 BODY.PEEK[]\r\n" * 20)
        deaf.append(peer)
    chatty = SmtpPeer(roost.ports["smtp"])
    chatty.sock.setblocking(False)
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        try:
            chatty.sock.send(b"NOOP\r\n" * 1000)
        except BlockingIOError:
            time.sleep(0.01)
        except ConnectionError:
            break  # cut off, as may happen to those who do not listen
    keeps_serving(roost)
    # Each may cost its output buffer of a megabyte and a bit, not 140 MB.
    assert memory_kb(roost) - before < (20 * 2048 + 16384) * SLACK
    for peer in deaf:
        peer.close()
    chatty.close()


@pytest.mark.parametrize("service", LISTENERS)
def test_random_garbage(roost: Roost, service: str) -> None:
    chance = random.Random(service)
    starts = [b"", b"EHLO x\r\nMAIL FROM:<", b"EHLO x\r\nSTARTTLS\r\n", b"a LOGIN {5}\r\n",
              b"GET /", b"\x16\x03\x01\x00\x50\x01", b"a STARTTLS\r\n", b"AUTH PLAIN\r\n"]
    for _ in range(60):
        with Peer(roost.ports[service]) as peer:
            try:
                peer.send(chance.choice(starts) + chance.randbytes(chance.choice([1, 50, 5000])))
                peer.send(chance.choice([b"", b"\r\n", b"\r\n.\r\n", b"\0"]))
                peer.sock.shutdown(socket.SHUT_WR)
                peer.rest()
            except OSError:
                pass  # it has heard enough
    until(lambda: open_connections(roost) == 0, what="the end of all of them")
    serves(roost)
