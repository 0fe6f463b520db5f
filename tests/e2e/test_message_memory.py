"""Messages made to need much memory: the server needs a few times their size, however they come."""
import resource
from typing import Callable, Iterator

import pytest

from conftest import Maker
from harness import mail, odd_imap
from harness.api import as_user, token_of
from harness.dns_server import A, DnsServer
from harness.odd_imap import Box, Letter, OddImap
from harness.peer import ImapPeer, SmtpPeer, until
from harness.server import BINARY, PASSWORDS, Roost, address

pytestmark = pytest.mark.skipif("/check/" in BINARY or "/tsan/" in BINARY,
                                reason="sanitizers need several times the memory")
MESSAGES = 4900
# Besides the message: a parse, compression, a worker's stack, the heap's reserve.
BASE_KB = 24 * 1024


def crafted(megabytes: int) -> bytes:
    """Attached messages with long lists of the shortest addresses."""
    each = (megabytes << 20) // MESSAGES - 64
    part = b"--b\r\nContent-Type: message/rfc822\r\n\r\nTo: " + b"a," * (each // 2) + b"\r\n\r\nx\r\n"
    return (b"From: alice@example.org\r\nTo: bob@example.org\r\n"
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * MESSAGES + b"--b--\r\n")


def by_smtp(roost: Roost, message: bytes) -> None:
    """On port 25, in lines that are not too long for DATA."""
    with SmtpPeer(roost.ports["smtp"], timeout=120) as peer:
        peer.envelope("carol@example.net", "bob@example.org")
        peer.send(f"BDAT {len(message)} LAST\r\n".encode() + message)
        code, text = peer.reply()
        assert code == 250, text


def by_append(roost: Roost, message: bytes) -> None:
    """By IMAP."""
    with ImapPeer(roost.ports["imaps"], tls=True, timeout=120) as peer:
        peer.login(address("bob"), PASSWORDS["bob"])
        peer.send(f"a APPEND INBOX {{{len(message)}}}\r\n")
        assert peer.line().startswith("+")
        peer.send(message + b"\r\n")
        assert peer.until("a")[-1].startswith("OK")


def by_api(roost: Roost, message: bytes) -> None:
    """As a program sends it."""
    api = token_of(as_user(roost, "alice"), "send")
    status, _, answer = api.call("POST", "/send", message, {"Content-Type": "message/rfc822"})
    assert status < 300, answer


def by_import(roost: Roost, message: bytes) -> None:
    """From another IMAP server."""
    odd = OddImap({"INBOX": Box([Letter(1, message)])})
    try:
        api = as_user(roost, "bob")
        body = {"host": odd_imap.NAME, "port": odd.port, "user": odd_imap.USER,
                "password": odd_imap.PASSWORD, "roots": odd.certificate.read_text("ascii")}
        path = f"/me/imports/{api.post('/me/imports', body)['id']}"
        until(lambda: api.get(path)["state"] == "done", 120, "the end of the import")
    finally:
        odd.close()


WAYS: dict[str, Callable[[Roost, bytes], None]] = {
    "smtp": by_smtp, "append": by_append, "api": by_api, "import": by_import}


@pytest.fixture
def server(make_roost: Maker, dns: DnsServer) -> Iterator[Roost]:
    """It may import from here."""
    dns.add(odd_imap.NAME, A, "127.0.0.1")
    yield make_roost(DNS_SERVERS=dns.address, IMPORT_ANYWHERE="on").start()


def described(roost: Roost) -> None:
    """What came can be read: whole, and its structure, with the first parts at least."""
    with ImapPeer(roost.ports["imaps"], tls=True, timeout=60) as peer:
        peer.login(address("bob"), PASSWORDS["bob"])
        peer.ok("SELECT INBOX")
        (line,) = [x for x in peer.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE)") if "BODYSTRUCTURE" in x]
        assert '"MIXED"' in line.upper() and line.upper().count('"RFC822"') >= 5


LARGE = pytest.param(48, marks=pytest.mark.full("the same with more bytes"))


@pytest.mark.parametrize("megabytes", [15, LARGE])
@pytest.mark.parametrize("way", WAYS)
def test_peak_memory(server: Roost, way: str, megabytes: int) -> None:
    message = crafted(megabytes)
    before = server.status("VmHWM")
    WAYS[way](server, message)
    used = server.status("VmHWM") - before
    print(f"{way}, {megabytes} MB: {used // 1024} MB more than {before // 1024} MB")
    assert used < BASE_KB + 4 * len(message) // 1024
    described(server)


def test_under_a_limit_of_memory(make_roost: Maker) -> None:
    """Many at a time, in a process that may have one gigabyte of address space beyond its own."""
    roost = make_roost().start()
    assert roost.process
    size = roost.status("VmSize") * 1024 + (1 << 30)
    resource.prlimit(roost.process.pid, resource.RLIMIT_AS, (size, size))
    message = crafted(15)
    peers = [SmtpPeer(roost.ports["smtp"], timeout=120) for _ in range(8)]
    for peer in peers:
        peer.envelope("carol@example.net", "bob@example.org")
        peer.send(f"BDAT {len(message)} LAST\r\n".encode() + message)
    for peer in peers:
        assert peer.reply()[0] == 250
        peer.close()
    assert len(mail.inbox(roost, "bob")) == len(peers)
