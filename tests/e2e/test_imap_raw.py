"""IMAP by hand, where the order of bytes and responses matters; test_imap.py goes by imaplib."""
import imaplib
import os
import socket
import time

import pytest

from harness import mail
from harness.peer import ImapPeer, trusting
from conftest import Maker
from harness.server import PASSWORDS, Roost


@pytest.fixture
def alice(roost: Roost):  # type: ignore[no-untyped-def]
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login("alice@example.org", PASSWORDS["alice"])
        yield peer


def test_replies_do_not_tell_whether_an_account_exists(roost: Roost) -> None:
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        for login in ("alice@example.org", "nobody@example.org"):
            reply = peer.cmd(f'LOGIN {login} "wrong"')
            assert reply == ["NO [AUTHENTICATIONFAILED] Wrong name or password"]
        assert peer.cmd("SELECT INBOX")[-1].startswith("BAD")


def test_structures_of_a_message(roost: Roost, alice: ImapPeer) -> None:
    text = (b"From: Carol <carol@example.net>\r\nTo: alice@example.org\r\n"
            b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            b"Content-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n--b\r\n"
            b"Content-Type: application/pdf; name=x.pdf\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n")
    mail.deliver(roost, text)
    alice.ok("SELECT INBOX")
    structure = alice.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE)")[0]
    assert '(("Carol" NIL "carol" "example.net"))' in structure
    assert '"=?utf-8?q?Gr=C3=BC=C3=9Fe?="' in structure
    assert '"text" "plain"' in structure.lower() and '"mixed"' in structure.lower()
    assert "AAAA" in alice.ok("FETCH 1 BODY[2]")[0]
    assert "application/pdf" in alice.ok("FETCH 1 BODY.PEEK[2.MIME]")[0]


def test_search(roost: Roost, alice: ImapPeer) -> None:
    for subject, body in (("apples", "red\n"), ("pears", "green\n"), ("apples and pears", "x\n")):
        mail.deliver(roost, mail.letter(subject, body))
    alice.ok("SELECT INBOX")
    alice.ok("STORE 2 +FLAGS (\\Flagged)")
    for query, found in (("ALL", "1 2 3"), ("SUBJECT apples", "1 3"), ("BODY red", "1"),
                         ("FLAGGED", "2"), ("UNFLAGGED SUBJECT pears", "3"), ("TEXT nowhere", ""),
                         ("OR FLAGGED BODY red", "1 2"), ("NOT 2:3", "1"), ("UNSEEN", "1 2 3"),
                         ("FROM carol", "1 2 3"), ("LARGER 100000", ""),
                         ("SINCE 1-Jan-2020", "1 2 3"), ("SENTBEFORE 3-Jan-2026", "1 2 3")):
        assert alice.ok(f"SEARCH {query}")[0].split()[2:] == found.split(), query


def test_a_limit_of_messages_is_set(make_roost: Maker) -> None:
    """RFC 9738, by a setting; a client that knows it goes on below the UID that it is told."""
    roost = make_roost(IMAP_MESSAGE_LIMIT="3").start()
    for n in range(7):
        mail.deliver(roost, mail.letter(str(n)))
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login("alice@example.org", PASSWORDS["alice"])
        assert "MESSAGELIMIT=3" in peer.ok("CAPABILITY")[0].split()
        peer.ok("SELECT INBOX")
        seen, below = [], 8
        while True:
            got = peer.ok(f"UID FETCH 1:{below - 1} (UID)")
            seen += [line.split()[4].rstrip(")") for line in got[:-1]]
            if "[MESSAGELIMIT 3 " not in got[-1]:
                break
            below = int(got[-1].split()[3].rstrip("]"))
        assert sorted(map(int, seen)) == list(range(1, 8))
        assert peer.cmd("COPY 1:4 Trash")[-1].startswith("NO [MESSAGELIMIT 3 2]")


def test_copy_and_move(roost: Roost, alice: ImapPeer) -> None:
    for n in range(3):
        mail.deliver(roost, mail.letter(str(n)))
    alice.ok("SELECT INBOX")
    assert "[COPYUID " in alice.ok("COPY 1 Sent")[-1]
    moved = alice.ok("UID MOVE 2:3 Trash")
    assert moved[0].startswith("* OK [COPYUID ")  # RFC 6851 4.3
    assert sum("EXPUNGE" in line for line in moved) == 2
    assert alice.cmd("COPY 1 Nowhere")[-1].startswith("NO [TRYCREATE]")
    assert [len(mail.inbox(roost, "alice", name)) for name in ("INBOX", "Sent", "Trash")] == \
        [1, 1, 2]


def test_two_sessions_keep_their_numbers(roost: Roost, alice: ImapPeer) -> None:
    for n in range(4):
        mail.deliver(roost, mail.letter(str(n)))
    alice.ok("SELECT INBOX")
    other = mail.mailbox(roost)
    other.store("2", "+FLAGS", "(\\Deleted)")
    other.expunge()
    # RFC 9051 7.5.1: no EXPUNGE during FETCH, so number 3 still means the third.
    got = alice.ok("FETCH 3 BODY.PEEK[HEADER.FIELDS (SUBJECT)]")
    assert "Subject: 2" in got[0] and not any("EXPUNGE" in x for x in got)
    assert "* 2 EXPUNGE" in alice.ok("NOOP")
    assert "Subject: 3" in alice.ok("FETCH 3 BODY.PEEK[HEADER.FIELDS (SUBJECT)]")[0]
    other.logout()


def expunge_under_a_reader(roost: Roost, alice: ImapPeer, reader: ImapPeer) -> bytes:
    """A message that fits into no buffer on its way; the reader has begun to take its literal
    when it is expunged."""
    letter = mail.letter("long", os.urandom(12 << 20).hex("\n", 500) + "\n")
    with imaplib.IMAP4_SSL("127.0.0.1", roost.ports["imaps"], ssl_context=trusting()) as m:
        m.login("alice@example.org", PASSWORDS["alice"])
        assert m.append("INBOX", None, None, letter)[0] == "OK"
    reader.ok("SELECT INBOX")
    alice.ok("SELECT INBOX")
    reader.send("long UID FETCH 1 BODY.PEEK[]\r\n")
    assert reader.line() == f"* 1 FETCH (UID 1 BODY[] {{{len(letter)}}}"
    alice.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
    assert alice.ok("EXPUNGE")[0] == "* 1 EXPUNGE"
    return letter


def test_a_literal_comes_whole_though_its_message_is_expunged(roost: Roost,
                                                              alice: ImapPeer) -> None:
    with ImapPeer(roost.ports["imaps"], tls=True) as reader:
        reader.login("alice@example.org", PASSWORDS["alice"])
        letter = expunge_under_a_reader(roost, alice, reader)
        assert reader.exactly(len(letter)) == letter
        assert [reader.line() for _ in range(4)] == [
            ")", "* 1 EXPUNGE", "* 0 RECENT", "long OK FETCH completed"]
        assert reader.ok("NOOP") == ["OK NOOP completed"]
    roost.fsck()


def test_a_kill_while_an_expunged_message_is_read(roost: Roost, alice: ImapPeer) -> None:
    with ImapPeer(roost.ports["imaps"], tls=True) as reader:
        reader.login("alice@example.org", PASSWORDS["alice"])
        expunge_under_a_reader(roost, alice, reader)
        roost.kill()
    roost.fsck()
    roost.start()
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login("alice@example.org", PASSWORDS["alice"])
        peer.ok("SELECT INBOX")
        mail.deliver(roost, mail.letter("next"))
        peer.ok("NOOP")
        peer.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
        peer.ok("EXPUNGE")
    roost.fsck()


def test_many_commands_in_one_packet(alice: ImapPeer) -> None:
    message = mail.letter("fast")
    alice.send(b"a APPEND INBOX {%d+}\r\n" % len(message) + message + b"\r\n" +
               b"b SELECT INBOX\r\nc FETCH 1 FLAGS\r\nd STORE 1 FLAGS (\\Seen)\r\ne EXPUNGE\r\n")
    for tag in "abcde":
        assert alice.until(tag)[-1].startswith("OK"), tag


def test_one_byte_at_a_time(roost: Roost) -> None:
    mail.deliver(roost, mail.letter("slow"))
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        password = PASSWORDS["alice"]
        text = (f"a LOGIN {{17}}\r\nalice@example.org {{{len(password)}+}}\r\n{password}\r\n"
                "b SELECT INBOX\r\nc FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]\r\n")
        for byte in text.encode():
            peer.send(bytes([byte]))
        assert peer.line().startswith("+ ")
        assert peer.until("a")[-1].startswith("OK")
        assert peer.until("b")[-1].startswith("OK [READ-WRITE]")
        assert "Subject: slow" in peer.until("c")[0]


@pytest.mark.parametrize("line", [
    "FETCH", "FETCH 1", "FETCH 0 FLAGS", "FETCH 1 BODY[", "FETCH 1 (FLAGS", "STORE 1 FLAGS",
    "SEARCH", "SEARCH NONSENSE", "SEARCH (((((ALL", "SELECT", "UID", "UID NOOP", "UID FETCH",
    "APPEND INBOX", "LIST", "COPY 1", "NONSENSE x", "SELECT \"a", "STATUS INBOX ()"])
def test_nonsense_gets_bad_and_nothing_else(alice: ImapPeer, line: str) -> None:
    alice.ok("SELECT INBOX")
    assert alice.cmd(line)[-1].startswith("BAD"), line
    alice.ok("NOOP")


def test_examine_changes_nothing(roost: Roost, alice: ImapPeer) -> None:
    mail.deliver(roost, mail.letter("look only"))
    assert "[READ-ONLY]" in alice.ok("EXAMINE INBOX")[-1]
    alice.ok("FETCH 1 BODY[]")
    assert alice.cmd("STORE 1 +FLAGS (\\Deleted)")[-1].startswith("NO")
    assert "\\Seen" not in alice.ok("FETCH 1 FLAGS")[0]


def test_a_thousand_messages(alice: ImapPeer) -> None:
    message = mail.letter("many")
    for start in range(0, 1000, 50):
        alice.send(b"".join(b"m%d APPEND INBOX {%d+}\r\n%s\r\n" % (n, len(message), message)
                            for n in range(start, start + 50)))
        for n in range(start, start + 50):
            assert alice.until(f"m{n}")[-1].startswith("OK")
    assert "* 1000 EXISTS" in alice.ok("SELECT INBOX")
    assert len(alice.ok("FETCH 1:* (UID FLAGS)")) == 1001
    assert len(alice.ok("UID FETCH 1:* BODY.PEEK[]")) == 1001
    alice.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)")
    assert len(alice.ok("EXPUNGE")) == 1002  # RECENT; and fsck afterwards: what that leaves is sound


def appends(roost: Roost, nodelay: bool) -> float:
    """Seconds that 30 APPENDs take, each literal and the CRLF after it written apart."""
    imap = imaplib.IMAP4("127.0.0.1", roost.ports["imap"])
    imap.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
    imap.starttls(trusting())
    imap.login("alice@example.org", PASSWORDS["alice"])
    begin = time.monotonic()
    for _ in range(30):
        assert imap.append("INBOX", "", "", b"Subject: a\r\n\r\nb\r\n")[0] == "OK"
    imap.logout()
    return time.monotonic() - begin


def test_append_does_not_wait_for_a_delayed_acknowledgement(roost: Roost) -> None:
    """Nagle's algorithm on the client's side holds the CRLF back until the literal is
    acknowledged: the kernel would wait 40 ms with that, 1.2 s in all."""
    quick = min(appends(roost, nodelay=True) for _ in range(2))
    usual = min(appends(roost, nodelay=False) for _ in range(2))
    assert usual - quick < 0.6
