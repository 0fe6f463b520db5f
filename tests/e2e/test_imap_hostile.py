"""IMAP clients that mean harm, or only stop reading: bombs below COMPRESS in both directions,
readers that stand still in the middle of every kind of long answer."""
import os
import socket
import time
import zlib

import pytest

from harness import mail
from harness.crowd import allow_descriptors
from harness.peer import ImapPeer
from harness.server import PASSWORDS, Roost
from test_hostile import SLACK, keeps_serving, memory_kb
from test_http_bodies import settled
from test_imap_compress import Packed

MIB = 1 << 20
CLIENTS = 190  # fewer than one address may have connections


def opened(roost: Roost) -> ImapPeer:
    """A session with the inbox selected."""
    peer = ImapPeer(roost.ports["imaps"], tls=True, timeout=60)
    peer.login("alice@example.org", PASSWORDS["alice"])
    peer.ok("SELECT INBOX")
    return peer


def big_inbox(roost: Roost) -> None:
    """Some 60 MiB in 500 messages, most of it by COPY."""
    with opened(roost) as peer:
        letter = mail.letter("big", (os.urandom(45).hex() + "\n") * 1300)
        peer.send(b"".join(b"m APPEND INBOX {%d+}\r\n%s\r\n" % (len(letter), letter)
                           for _ in range(10)))
        for _ in range(10):
            peer.until("m")
        for _ in range(6):
            if int(peer.ok("STATUS INBOX (MESSAGES)")[-2].split()[-1].rstrip(")")) < 400:
                peer.ok("COPY 1:* INBOX")


# --- before login -----------------------------------------------------------------------------


def test_id_before_login_takes_little_memory(roost: Roost) -> None:
    """Commands of as many literals as are taken, and then a long line, neither of which ends."""
    allow_descriptors(4 * CLIENTS)
    field = b'"name" {1024+}\r\n' + b"x" * 1024 + b" "
    begin = b"a ID (" + field * 37 + b'"' + b"y" * 39000
    before = roost.status("VmRSS")
    clients = []
    for _ in range(CLIENTS):
        clients.append(socket.create_connection(("127.0.0.1", roost.ports["imap"]), 20))
        try:
            clients[-1].sendall(begin)
        except OSError:
            pass  # it was too much
    after = settled(roost)
    print(f"VmRSS kB: {before} before, {after} with {CLIENTS} clients")
    assert after - before < CLIENTS * 48
    for s in clients:
        s.close()


# --- readers that stand still -----------------------------------------------------------------


@pytest.mark.full("Slow: keeps more readers waiting than there are workers")
def test_readers_that_stand_still_delay_nobody(roost: Roost) -> None:
    """More of them than there are workers, each in the middle of an answer that fits into no
    buffer; the store is not held by any of them: mail is expunged under them."""
    big_inbox(roost)
    long = ["FETCH 1:* BODY.PEEK[]", "UID FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY.PEEK[TEXT])",
            "FETCH 1:* BINARY.PEEK[1]", "FETCH 1:* (FLAGS BODY.PEEK[HEADER] BODY.PEEK[1]<9.9999>)"]
    still = []
    for n in range(150):
        peer = opened(roost)
        peer.send(f"x {long[n % len(long)]}\r\n" * 3)
        still.append(peer)
    keeps_serving(roost, 3)
    with opened(roost) as other:
        began = time.monotonic()
        for command in ("NOOP", "STORE 1:50 +FLAGS.SILENT (\\Deleted)", "EXPUNGE", "SEARCH ALL",
                        "CREATE Quick", "COPY 1 Quick", "SORT (SUBJECT) UTF-8 ALL"):
            other.ok(command)
        assert time.monotonic() - began < 5 * SLACK
    for peer in still[:8]:  # who reads again gets all of it
        assert peer.until("x")[-1].startswith("OK")
    for peer in still:
        peer.close()
    roost.fsck()


def test_a_reader_of_a_byte_at_a_time(roost: Roost) -> None:
    big_inbox(roost)
    with opened(roost) as slow:
        slow.send("x FETCH 1:* BODY.PEEK[]\r\n")
        for _ in range(300):
            slow.exactly(1)
        keeps_serving(roost)


# --- bombs ------------------------------------------------------------------------------------


def bomb(data: bytes, times: int) -> bytes:
    """So often the same, packed: a thousandth of it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join(packer.compress(data) for _ in range(times)) + \
        packer.flush(zlib.Z_SYNC_FLUSH)


def test_a_line_that_grows(roost: Roost) -> None:
    """256 MiB of one line in a quarter of a megabyte."""
    session = Packed(roost, False)
    before = memory_kb(roost)
    try:
        session.sock.sendall(bomb(b"a NOOP " + b"x" * MIB, 1) + bomb(b"x" * MIB, 256))
        said = session.until(b"* BYE Line too long\r\n")
        assert len(said) < 200
    except OSError:
        pass  # it did not hear us out
    assert memory_kb(roost) - before < 16384 * SLACK
    keeps_serving(roost)


@pytest.mark.parametrize("literal", ["{60000000+}", "{60000000}"])
def test_a_message_that_grows_past_the_limit(roost: Roost, literal: str) -> None:
    before = memory_kb(roost)
    session = Packed(roost, False)
    session.send(f"a APPEND INBOX {literal}\r\n".encode())
    if not literal.endswith("+}"):
        assert b"a NO [TOOBIG]" in session.until(b"a NO ") + session.until(b"\r\n")
    else:
        session.sock.sendall(bomb(b"x" * 60000, 1000) + bomb(b"\r\nb NOOP\r\n", 1))
        said = session.until(b"b OK NOOP completed\r\n")
        assert b"a NO [TOOBIG]" in said or b"* BYE" in said
    assert memory_kb(roost) - before < 32768 * SLACK
    assert mail.inbox(roost) == []


@pytest.mark.full("Slow: unpacks ten messages of 40 MiB")
def test_messages_that_grow_up_to_the_limit(roost: Roost) -> None:
    """Ten at once of 40 MiB each: they wait in files, not in memory."""
    before = memory_kb(roost)
    sessions = [Packed(roost, False) for _ in range(10)]
    for session in sessions:
        session.send(b"a APPEND INBOX {%d+}\r\n" % (40 * MIB))
        session.sock.sendall(bomb(b"x" * 1022 + b"\r\n", 39 * 1024))
    keeps_serving(roost)
    assert memory_kb(roost) - before < 65536 * SLACK
    for session in sessions:
        session.sock.close()
    roost.fsck()


def test_blocks_of_nothing(roost: Roost) -> None:
    """What unpacks to nothing at all, for ever, is work for one worker at a time."""
    session = Packed(roost, False)
    session.sock.settimeout(5)
    try:
        for _ in range(100):
            session.sock.sendall(b"\x00\x00\x00\xff\xff" * 20000)
    except (ConnectionError, TimeoutError):
        pass
    keeps_serving(roost)
    session.sock.close()


def test_answers_that_pack_well(roost: Roost) -> None:
    """20 times 8 MiB for each of ten readers who stand still: what is packed counts as output,
    and what is not packed yet is not there."""
    mail.deliver(roost, mail.letter("zeros", ("0" * 70 + "\n") * (8 * MIB // 72)))
    before = memory_kb(roost)
    sessions = [Packed(roost, False) for _ in range(10)]
    for session in sessions:
        session.send(b"a SELECT INBOX\r\n" + b"b FETCH 1 BODY.PEEK[]\r\n" * 20)
    keeps_serving(roost)
    assert memory_kb(roost) - before < (10 * 4096 + 16384) * SLACK
    for session in sessions:
        session.sock.close()
