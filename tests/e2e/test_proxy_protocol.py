"""The PROXY protocol: who the client is, as a named proxy says; also with a real haproxy."""
import http.client
import socket
import struct
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail
from harness.daemon import Daemon
from harness.peer import ImapPeer, Peer, SmtpPeer, trusting, until
from harness.ports import free_port
from harness.server import PASSWORDS, Roost, address

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v1(client: str) -> bytes:
    """The header for a client of that address."""
    return f"PROXY TCP4 {client} 203.0.113.1 51000 25\r\n".encode()


def v2(client: str, tlvs: bytes = b"", command: int = 0x21) -> bytes:
    """The same in version 2."""
    body = (socket.inet_aton(client) + socket.inet_aton("203.0.113.1") +
            struct.pack("!HH", 51000, 25) + tlvs)
    return SIGNATURE + bytes([command, 0x11]) + struct.pack("!H", len(body)) + body


def smtp(roost: Roost, header: bytes, source: str | None = None) -> SmtpPeer:
    """A session that begins with the header."""
    peer = SmtpPeer.__new__(SmtpPeer)
    Peer.__init__(peer, roost.ports["smtp"], source=source)
    peer.send(header)
    peer.greeting = peer.reply()
    return peer


@pytest.fixture
def roost(make_roost: Maker) -> Roost:
    """One that believes 127.0.0.1, but not on its web pages."""
    return make_roost(PROXY_PROTOCOL="127.0.0.1 for=smtp,submission,imap,imaps").start()


def test_the_client_is_who_counts(roost: Roost) -> None:
    for header in (v1("192.0.2.7"), v2("192.0.2.7"), v2("192.0.2.7", b"\x04\0\x02xx")):
        with smtp(roost, header) as peer:
            peer.envelope("carol@example.net", "alice@example.org")
            assert peer.data(mail.letter("proxied"))[0] == 250
    raws = until(lambda: len(mail_of(roost)) == 3 and mail_of(roost), what="three messages")
    assert all(b"([192.0.2.7])" in raw for raw in raws)
    assert roost.log and roost.log.has(r" connection_proxied .*proxy=127.0.0.1 peer=192.0.2.7")
    with smtp(roost, v2("192.0.2.7", command=0x20)) as peer:  # LOCAL: the proxy itself
        peer.envelope("carol@example.net", "alice@example.org")
        peer.data(mail.letter("local"))
    until(lambda: any(b"([127.0.0.1])" in raw for raw in mail_of(roost)), what="the fourth")


def mail_of(roost: Roost) -> list[bytes]:
    """alice's inbox, read through the header that is needed here too."""
    with ImapPeer.__new__(ImapPeer) as imap:
        Peer.__init__(imap, roost.ports["imaps"])
        imap.send(v1("192.0.2.9"))
        imap.wrap()
        imap.greeting, imap.tags = imap.line(), 0
        imap.login(address("alice"), PASSWORDS["alice"])
        imap.ok("SELECT INBOX")
        got = imap.ok("FETCH 1:* (BODY.PEEK[])")
        return [text.encode("utf-8", "surrogateescape") for text in got if "FETCH (" in text]


@pytest.mark.parametrize("garbage", [
    b"EHLO client.example\r\n", b"PROXY TCP4 192.0.2.7\r\n", SIGNATURE + b"\x21\x11\0\x02xx",
    b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", v1("192.0.2.7")[:-4]])
def test_a_named_peer_without_a_header_is_cut(roost: Roost, garbage: bytes) -> None:
    assert roost.log
    mark = roost.log.mark()
    with Peer(roost.ports["smtp"]) as peer:
        peer.send(garbage)
        assert peer.rest() == b""
    roost.log.wait(r" proxy_refused .*peer=127.0.0.1", after=mark)


def test_the_header_of_anybody_else_is_garbage(roost: Roost) -> None:
    with SmtpPeer(roost.ports["smtp"], source="127.0.0.2") as peer:
        assert peer.greeting[0] == 220
        assert peer.cmd("PROXY TCP4 192.0.2.7 203.0.113.1 51000 25")[0] == 500
        assert peer.code("EHLO client.example") == 250


def test_limits_are_the_clients(make_roost: Maker) -> None:
    roost = make_roost(PROXY_PROTOCOL="127.0.0.1 for=smtp", CONNECTIONS_PER_ADDRESS="2").start()
    peers = [smtp(roost, v1("192.0.2.7")), smtp(roost, v2("192.0.2.7"))]
    third = smtp(roost, v1("192.0.2.7"))
    other = smtp(roost, v1("192.0.2.8"))
    assert [p.greeting[0] for p in peers + [third, other]] == [220, 220, 421, 220]
    for peer in peers:
        assert peer.code("QUIT") == 221
        peer.close()

    def again() -> bool:
        with smtp(roost, v1("192.0.2.7")) as peer:
            return peer.greeting[0] == 220
    until(again, what="a place for the client again")


def test_a_wrong_rule_is_told(make_roost: Maker) -> None:
    done = make_roost(PROXY_PROTOCOL="192.0.2.7 for=nntp").run()
    assert done.returncode != 0 and "ROOST_PROXY_PROTOCOL: line 1: for= takes" in done.stderr


@pytest.fixture
def haproxy(make_roost: Maker, tmp_path: Path) -> Iterator[tuple[Roost, dict[str, int]]]:
    """A haproxy in front of SMTP (version 1), IMAP and HTTPS (version 2)."""
    roost = make_roost(PROXY_PROTOCOL="127.0.0.0/8 for=smtp,imaps,https").start()
    ports = {name: free_port() for name in ("smtp", "imaps", "https")}
    config = "defaults\n mode tcp\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n"
    for name, port in ports.items():
        how = "send-proxy" if name == "smtp" else "send-proxy-v2 proxy-v2-options crc32c,unique-id"
        config += (f"listen {name}\n bind 127.0.0.1:{port}\n unique-id-format %ci\n"
                   f" server roost 127.0.0.1:{roost.ports[name]} {how}\n")
    (tmp_path / "haproxy.cfg").write_text(config, "ascii")
    daemon = Daemon()
    try:
        daemon.run(["haproxy", "-db", "-f", str(tmp_path / "haproxy.cfg")],
                   {"PATH": "/usr/sbin:/usr/bin:/bin"}, lambda: answers(ports["https"]))
        yield roost, ports
    finally:
        daemon.close()


def answers(port: int) -> bool:
    """Does somebody listen there?"""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def test_haproxy(haproxy: tuple[Roost, dict[str, int]]) -> None:
    roost, ports = haproxy
    with SmtpPeer(ports["smtp"], source="127.0.0.77") as peer:
        peer.envelope("carol@example.net", "alice@example.org")
        assert peer.data(mail.letter("through haproxy"))[0] == 250
    with ImapPeer(ports["imaps"], tls=True, source="127.0.0.78") as imap:
        imap.login(address("alice"), PASSWORDS["alice"])
        imap.ok("SELECT INBOX")
        assert "([127.0.0.77])" in "".join(imap.ok("FETCH 1 (BODY.PEEK[HEADER])"))
    web = http.client.HTTPSConnection("127.0.0.1", ports["https"], context=trusting(), timeout=20)
    web.request("GET", "/healthz/live")
    assert web.getresponse().status == 200
    assert roost.log and roost.log.has(r" connection_proxied .*service=imaps .*peer=127.0.0.78")
