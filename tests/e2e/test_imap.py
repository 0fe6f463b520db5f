"""IMAP with imaplib, over real sockets; test_sync_clients.py, test_readers.py and
test_fetchers.py have the programs people use."""
import imaplib
import threading
import time

import pytest

from conftest import Maker
from harness import mail
from harness.peer import Peer, trusting
from harness.server import PASSWORDS, Roost, address

LETTER = mail.letter("one")


def login(roost: Roost, user: str = "alice") -> imaplib.IMAP4:
    """A session over TLS from the start."""
    return mail.mailbox(roost, user, None)


def ok(answer: tuple[str, list[object]]) -> list[object]:
    """The data of an answer that must be OK."""
    assert answer[0] == "OK", answer
    return answer[1]


def test_starttls(roost: Roost) -> None:
    m = imaplib.IMAP4("127.0.0.1", roost.ports["imap"], timeout=20)
    assert "LOGINDISABLED" in m.capabilities and "STARTTLS" in m.capabilities
    with pytest.raises(imaplib.IMAP4.error, match="PRIVACYREQUIRED"):
        m.login(address("alice"), PASSWORDS["alice"])
    m.starttls(trusting())
    assert "LOGINDISABLED" not in m.capabilities and "AUTH=PLAIN" in m.capabilities
    m.login(address("alice"), PASSWORDS["alice"])
    m.logout()


def test_nothing_from_before_tls_counts(roost: Roost) -> None:
    """RFC 9051 6.2.1, CVE-2011-0411 and its like."""
    with Peer(roost.ports["imap"]) as peer:
        peer.line()
        peer.send("a STARTTLS\r\nb NOOP\r\n")
        assert peer.line().startswith("a OK")
        peer.wrap()
        peer.send("c NOOP\r\n")
        assert peer.line().startswith("c OK")


def test_authenticate(roost: Roost) -> None:
    m = imaplib.IMAP4_SSL("127.0.0.1", roost.ports["imaps"], ssl_context=trusting(), timeout=20)
    secret = f"\0{address('bob')}\0{PASSWORDS['bob']}".encode()
    ok(m.authenticate("PLAIN", lambda _: secret))
    ok(m.select())
    m.logout()


def test_utf8_names(roost: Roost) -> None:
    """RFC 6855 with imaplib, beside a client that has not enabled it."""
    m, other = login(roost, "bob"), login(roost, "bob")
    ok(m.enable("UTF8=ACCEPT"))
    assert m.utf8_enabled
    ok(m.create('"Entwürfe"'))
    ok(m.select('"Entwürfe"'))
    assert '"Entwürfe"'.encode() in ok(m.list('""', "Entw*"))[0]
    assert b"Entw&APw-rfe" in ok(other.list('""', "Entw*"))[0]
    ok(other.delete("Entw&APw-rfe"))
    for session in m, other:
        session.shutdown()


def test_delivered_mail_is_there(roost: Roost) -> None:
    letter = mail.letter("from outside", to="alice@example.org")
    mail.deliver(roost, letter)
    m = login(roost)
    assert ok(m.select()) == [b"1"]
    raw = ok(m.fetch("1", "(BODY[])"))[0][1]
    assert raw.endswith(letter.split(b"\r\n\r\n", 1)[1])
    assert mail.parse(raw)["Subject"] == "from outside"
    assert b"\\Seen" in ok(m.fetch("1", "(FLAGS)"))[0]
    m.logout()


def test_append_survives_a_kill(roost: Roost) -> None:
    m = login(roost)
    ok(m.append("INBOX", "(\\Flagged)", imaplib.Time2Internaldate(1_000_000_000), LETTER))
    roost.kill()
    roost.start()
    m = login(roost)
    assert ok(m.select()) == [b"1"]
    row = ok(m.fetch("1", "(FLAGS INTERNALDATE)"))[0]
    assert b"\\Flagged" in row and b" 9-Sep-2001 01:46:40 +0000" in row
    m.logout()


def test_life_of_a_mailbox(roost: Roost) -> None:
    m = login(roost)
    ok(m.create("Work"))
    ok(m.subscribe("Work"))
    for _ in range(3):
        ok(m.append("Work", None, None, LETTER))
    ok(m.select("Work"))
    ok(m.copy("1:2", "Archive"))
    ok(m.store("1", "+FLAGS", "(\\Deleted custom)"))
    assert ok(m.expunge()) == [b"1"]
    assert ok(m.search(None, "ALL")) == [b"1 2"]
    assert ok(m.uid("MOVE", "3", "Archive")) is not None
    assert ok(m.status("Archive", "(MESSAGES)")) == [b"Archive (MESSAGES 3)"]
    ok(m.rename("Work", "Play"))
    ok(m.close())
    ok(m.delete("Play"))
    assert b"Play" not in b"".join(ok(m.list()))
    m.logout()


def test_large_message(roost: Roost) -> None:
    body = "".join(f"line {i} of a large message\n" for i in range(300_000))
    letter = mail.letter("large", body)
    m = login(roost)
    ok(m.append("INBOX", None, None, letter))
    ok(m.select())
    assert ok(m.fetch("1", "(BODY.PEEK[])"))[0][1] == letter
    assert ok(m.search(None, "BODY", '"line 299999 of"')) == [b"1"]
    m.logout()


def test_idle(roost: Roost) -> None:
    with Peer(roost.ports["imaps"], tls=True) as peer:
        peer.line()
        peer.send(f'a LOGIN {address("alice")} "{PASSWORDS["alice"]}"\r\n')
        assert peer.line().startswith("a OK")
        peer.send("b SELECT INBOX\r\nc IDLE\r\n")
        while peer.line() != "+ idling":
            pass
        began = time.monotonic()
        mail.deliver(roost, LETTER)
        assert peer.line() == "* 1 EXISTS"
        assert time.monotonic() - began < 5
        assert peer.line() == "* 1 RECENT"
        peer.send("DONE\r\n")
        assert peer.line().startswith("c OK")


def test_stop_says_bye(roost: Roost) -> None:
    with Peer(roost.ports["imaps"], tls=True) as peer:
        peer.line()
        assert roost.stop() == 0
        assert peer.line().startswith("* BYE")
        assert peer.line() == ""


def test_slow_sender_holds_nobody(roost: Roost) -> None:
    """Fifty clients in the middle of a literal: another one is served at once."""
    peers = []
    for _ in range(50):
        peer = Peer(roost.ports["imaps"], tls=True)
        peer.line()
        peer.send(f'a LOGIN {address("alice")} "{PASSWORDS["alice"]}"\r\n')
        assert peer.line().startswith("a OK")
        peer.send("b APPEND INBOX {100000}\r\n")
        assert peer.line().startswith("+ ")
        peer.send("x" * 100)
        peers.append(peer)
    m = login(roost, "bob")
    began = time.monotonic()
    ok(m.append("INBOX", None, None, LETTER))
    assert time.monotonic() - began < 2
    for peer in peers:
        peer.close()
    m.logout()


def test_many_sessions_one_mailbox(roost: Roost) -> None:
    """Appends, flags and expunges at the same time: all agree in the end."""
    errors: list[BaseException] = []

    def work(k: int) -> None:
        try:
            m = login(roost)
            ok(m.select())
            for i in range(10):
                ok(m.append("INBOX", None, None, mail.letter(f"{k} {i}")))
                n = ok(m.search(None, "UNDELETED"))[0].split()
                if i % 2 and n:
                    m.store(n[0], "+FLAGS", "(\\Deleted)")
                    ok(m.expunge())
            m.logout()
        except BaseException as e:  # handed to the test's thread
            errors.append(e)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert errors == []
    a, b = login(roost), login(roost)
    assert ok(a.select()) == ok(b.select())
    assert ok(a.uid("SEARCH", "ALL")) == ok(b.uid("SEARCH", "ALL"))


# --- cost -----------------------------------------------------------------------------------


def test_select_does_not_grow(make_roost: Maker) -> None:
    """Not a bench: only that a mailbox of 4096 messages is not opened message by message."""
    roost = make_roost().start()
    m = login(roost)
    for _ in range(32):
        ok(m.append("INBOX", None, None, LETTER))
    ok(m.select())
    for _ in range(7):
        ok(m.uid("COPY", "1:*", "INBOX"))
    ok(m.create("Small"))
    ok(m.append("Small", None, None, LETTER))

    def seconds(name: str) -> float:
        began = time.monotonic()
        for _ in range(50):
            ok(m.select(name, readonly=True))
        return time.monotonic() - began

    seconds("INBOX")
    assert seconds("INBOX") < 5 * seconds("Small") + 0.5
    m.logout()
