"""POP3: the commands, the login, the lock, unique ids, QUIT, and clients that misbehave."""
import base64
import poplib
import random
import time

import pytest

from conftest import Maker
from harness import account, mail, pop3
from harness.api import ApiError, as_user
from harness.peer import until
from harness.pop3 import Pop3Peer
from harness.server import BINARY, PASSWORDS, Roost, address

CAPABILITIES = ["TOP", "RESP-CODES", "AUTH-RESP-CODE", "LOGIN-DELAY 0", "PIPELINING",
                "EXPIRE NEVER", "UIDL", "UTF8 USER", "LANG", "IMPLEMENTATION Roost"]


def arrive(roost: Roost, *subjects: str) -> None:
    """Mail for alice."""
    for subject in subjects:
        mail.deliver(roost, mail.letter(subject))


# --- the plain path -------------------------------------------------------------------------


def test_a_session_from_login_to_quit(roost: Roost) -> None:
    arrive(roost, "one", "two", "three")
    p = pop3.session(roost)
    count, octets = p.stat()
    sizes = [int(line.split()[1]) for line in p.list()[1]]
    assert count == 3 and octets == sum(sizes)
    whole = pop3.message(p, 2)
    assert mail.parse(whole)["Subject"] == "two" and len(whole) == sizes[1]
    header, body = p.top(2, 0)[1], p.top(2, 1)[1]
    assert header[-1] == b"" and body == header + [b"Hello."]
    assert p.list(2).decode() == f"+OK 2 {sizes[1]}"
    p.dele(2)
    assert p.stat() == (2, octets - sizes[1])
    assert [int(line.split()[0]) for line in p.list()[1]] == [1, 3]
    for gone in (p.retr, p.dele, p.list, p.uidl):
        with pytest.raises(poplib.error_proto, match="no such message"):
            gone(2)
    p.rset()
    assert p.stat() == (3, octets)
    p.dele(1)
    p.dele(3)
    assert p.quit() == b"+OK 2 messages deleted"
    assert set(account.letters(roost)) == {"two"}
    assert roost.log
    roost.log.wait(" pop3_deleted .*count=2")


def test_lines_are_stuffed_and_end_in_crlf(roost: Roost) -> None:
    body = b".\r\n..\r\n.dot\r\nplain\r\n"
    letter = b"Subject: dots\r\n\r\n" + body
    with account.session(roost) as m:
        account.ok(m.append("INBOX", None, None, letter))
        account.ok(m.append("INBOX", None, None, b"Subject: no end\r\n\r\nlast"))
    p = pop3.session(roost)
    assert pop3.message(p, 1) == letter
    assert p.top(1, 2)[1] == [b"Subject: dots", b"", b".", b".."]
    assert pop3.message(p, 2) == b"Subject: no end\r\n\r\nlast\r\n"
    p.quit()


def test_a_long_message_comes_whole_while_it_is_expunged(roost: Roost) -> None:
    letter = mail.letter("long", "".join(f"line {i:08}\n" for i in range(200_000)))
    mail.deliver(roost, letter)
    with pop3.peer(roost) as p:
        p.send("RETR 1\r\n")
        assert p.line().startswith("+OK")
        account.remove(roost, "long")
        got = "".join(line + "\r\n" for line in p.lines()).encode()
        assert got.endswith(letter[letter.index(b"\r\n\r\n"):])
        def is_gone() -> bool:
            """The message is there for a moment after the answer that held it."""
            reply = p.cmd("RETR 1")
            if reply.startswith("+OK"):
                p.lines()
            return reply == "-ERR another client deleted the message"

        until(is_gone)
        p.ok("DELE 1")
        p.ok("QUIT")


def test_pipelined_commands(roost: Roost) -> None:
    arrive(roost, *(f"letter {i}" for i in range(20)))
    with pop3.peer(roost) as p:
        p.send("".join(f"RETR {i}\r\nDELE {i}\r\n" for i in range(1, 21)) + "NOOP\r\nQUIT\r\n")
        for i in range(20):
            assert p.line().startswith("+OK")
            assert f"Subject: letter {i}" in p.lines()
            assert p.line().startswith("+OK")
        assert p.line() == "+OK nothing done"
        assert p.line() == "+OK 20 messages deleted"
        assert p.line() == ""
    assert account.letters(roost) == {}


def test_an_account_without_mail(roost: Roost) -> None:
    p = pop3.session(roost, "bob")
    assert p.stat() == (0, 0) and p.list()[1] == [] and p.uidl()[1] == []
    p.quit()


# --- login ----------------------------------------------------------------------------------


def test_capabilities_and_stls(roost: Roost) -> None:
    with Pop3Peer(roost.ports["pop3"]) as p:
        assert p.greeting == "+OK mx.example.org Roost POP3 ready"
        assert sorted(p.many("CAPA")) == sorted(CAPABILITIES + ["STLS"])
        assert p.cmd(f"USER {address('alice')}") == "-ERR begin TLS first"
        assert p.cmd("PASS x") == "-ERR begin TLS first"
        assert p.cmd("AUTH PLAIN AGFsaWNl") == "-ERR begin TLS first"
        p.send("STLS\r\nUSER injected\r\nCAPA\r\n")  # behind STLS: dropped
        assert p.line().startswith("+OK")
        p.wrap()
        offered = p.many("CAPA")
        assert "USER" in offered and "STLS" not in offered
        assert any(line.startswith("SASL ") and " PLAIN" in line for line in offered)
        assert p.cmd("PASS x") == "-ERR send USER first"
        assert p.login().startswith("+OK")
        assert p.many("CAPA") == offered  # RFC 2449 5
        p.ok("QUIT")


def test_auth(roost: Roost) -> None:
    plain = base64.b64encode(f"\0{address('alice')}\0{PASSWORDS['alice']}".encode()).decode()
    wrong = base64.b64encode(f"\0{address('alice')}\0no".encode()).decode()
    with pop3.peer(roost, None) as p:
        assert p.cmd("AUTH NONE") == "-ERR no such mechanism"
        assert "PLAIN" in p.many("AUTH")
        assert p.cmd(f"AUTH PLAIN {wrong}").startswith("-ERR [AUTH] ")
        assert p.cmd("AUTH PLAIN") == "+ "
        assert p.cmd("*") == "-ERR cancelled"
        assert p.cmd("AUTH PLAIN") == "+ "
        assert p.cmd("no base64!") == "-ERR the response does not fit the mechanism"
        assert p.cmd("AUTH PLAIN") == "+ "
        assert p.cmd(plain) == "+OK 0 messages (0 octets)"
        assert p.cmd(f"AUTH PLAIN {plain}") == "-ERR you are logged in"
        p.ok("QUIT")
    with pop3.peer(roost, None) as p:
        assert p.cmd(f"AUTH PLAIN {plain}").startswith("+OK")


def test_app_passwords_have_a_scope_for_pop3(roost: Roost) -> None:
    for scope, works in (("imap", False), ("pop3", True)):
        secret = roost.cli("account", "app-password", "add", address("alice"), "phone",
                           scope).strip()
        with pop3.peer(roost, None) as p:
            p.ok(f"USER {address('alice')}")
            assert p.cmd(f"PASS {secret}").startswith("+OK") == works


def test_guessing_ends(roost: Roost) -> None:
    with pop3.peer(roost, None) as p:
        replies = []
        while not replies or replies[-1] != "":
            p.send(f"USER {address('alice')}\r\nPASS wrong\r\n")
            replies += [p.line(), p.line()]
        assert replies[-3:] == ["+OK send the password", "-ERR [AUTH] too many failed logins", ""] \
            or "-ERR [AUTH] too many failed logins" in replies
        assert len(replies) <= 12


# --- unique ids -----------------------------------------------------------------------------


def test_unique_ids_survive_moves_and_a_restore(roost: Roost, make_roost: Maker) -> None:
    arrive(roost, "one", "two", "three")
    before = pop3.uids(roost)
    assert len(set(before)) == 3
    with account.session(roost) as m:
        account.ok(m.uid("MOVE", account.uid(m, "one"), "Archive"))
        assert pop3.uids(roost) == before[1:]
        account.ok(m.select("Archive"))
        account.ok(m.uid("MOVE", account.uid(m, "one"), "INBOX"))
        account.ok(m.uid("COPY", "1:*", "INBOX"))
        account.ok(m.select("INBOX"))
        account.ok(m.uid("COPY", account.uid(m, "two"), "INBOX"))
    after = pop3.uids(roost)
    assert after[:3] == before[1:] + before[:1]  # the one that came back is the last of them
    assert len(set(after)) == len(after) == 4    # a copy has its own
    file = roost.folder / "saved.backup"
    roost.cli("backup", str(file))
    arrive(roost, "after the backup")
    late = pop3.uids(roost)[-1]
    other = make_roost(empty=True)
    other.cli("restore", str(file))
    other.start()
    assert pop3.uids(other) == after
    arrive(other, "after the restore")
    assert pop3.uids(other)[-1] not in (*after, late)


# --- the lock -------------------------------------------------------------------------------


def test_the_lock_is_between_pop3_sessions_only(roost: Roost) -> None:
    arrive(roost, "one")
    with pop3.peer(roost) as p, pop3.peer(roost, None) as q:
        assert q.login().startswith("-ERR [IN-USE] ")
        arrive(roost, "two")
        assert set(account.letters(roost)) == {"one", "two"}
        account.change(roost, "one", "+FLAGS", "(\\Seen)")
        assert p.ok("STAT").split()[1] == "1"  # the list is that of the login
        assert pop3.uids(roost, "bob") == []
        p.ok("DELE 1")
        assert p.cmd("QUIT") == "+OK 1 messages deleted"
        assert q.login().startswith("+OK 1 ")
    until(lambda: pop3_free(roost), what="the lock of a client that hung up is released")


def pop3_free(roost: Roost) -> bool:
    """Can alice log in?"""
    with pop3.peer(roost, None) as p:
        return p.login().startswith("+OK")


@pytest.mark.skipif("/check/" in BINARY or "/tsan/" in BINARY,
                    reason="sanitizers need several times the memory")
def test_a_maildrop_of_200000_is_listed_in_little_memory(roost: Roost) -> None:
    arrive(roost, *(f"letter {i}" for i in range(400)))
    with account.session(roost) as m:
        for _ in range(9):  # each doubles the messages
            account.ok(m.copy("1:*", "INBOX"))
    roost.restart()
    with pop3.peer(roost, "bob") as p:
        p.ok("QUIT")
    before = roost.status("RssAnon")
    with pop3.peer(roost) as p:
        assert p.ok("STAT").split()[1] == "204800"
        assert len(set(p.many("UIDL"))) == len(p.many("LIST")) == 204800
        assert roost.status("RssAnon") - before < 8 * 1024
        p.send("".join(f"DELE {i}\r\n" for i in range(1, 1001)))
        assert all(p.line().startswith("+OK") for _ in range(1000))
        assert p.cmd("QUIT") == "+OK 1000 messages deleted"


# --- QUIT -----------------------------------------------------------------------------------


def test_an_account_shows_all_mail_or_new_mail_or_none(roost: Roost) -> None:
    arrive(roost, "old")
    alice = as_user(roost, "alice")
    assert alice.get("/me")["pop3"] == "all"
    assert alice.put("/me", {"pop3": "new"})["pop3"] == "new"
    arrive(roost, "fresh")
    p = pop3.session(roost)
    assert p.stat()[0] == 1 and mail.parse(pop3.message(p, 1))["Subject"] == "fresh"
    p.quit()
    alice.put("/me", {"name": "Alice", "pop3": "new"})
    assert len(pop3.uids(roost)) == 1
    roost.cli("account", "set", address("alice"), "pop3=off")
    with pytest.raises(poplib.error_proto, match=r"\[SYS/PERM\] POP3 is turned off"):
        pop3.session(roost)
    assert set(account.letters(roost)) == {"old", "fresh"}
    assert alice.put("/me", {"pop3": "all"})["name"] == "Alice"
    assert len(pop3.uids(roost)) == 2
    with pytest.raises(ApiError, match="all, new or off"):
        alice.put("/me", {"pop3": "some"})


def test_nothing_is_deleted_without_quit(roost: Roost) -> None:
    arrive(roost, "one", "two")
    with pop3.peer(roost) as p:
        p.ok("DELE 1")
    until(lambda: pop3_free(roost), what="the end of the session")
    assert set(account.letters(roost)) == {"one", "two"}
    with pop3.peer(roost) as p:
        p.ok("DELE 1")
        roost.restart()  # the server says so, and deletes nothing
        assert p.line() == "-ERR [SYS/TEMP] the server is shutting down, try again later"
    assert set(account.letters(roost)) == {"one", "two"}


def test_kill_around_quit_deletes_all_or_nothing(roost: Roost) -> None:
    chance = random.Random(21)
    arrive(roost, *(f"letter {i}" for i in range(25)))
    with account.session(roost) as m:
        for _ in range(9):  # each doubles the messages
            account.ok(m.copy("1:*", "INBOX"))
    left = 12800
    for _ in range(6):
        p = pop3.peer(roost)
        assert p.ok("STAT").split()[1] == str(left)
        p.send("".join(f"DELE {i}\r\n" for i in range(1, 2001)))
        assert all(p.line().startswith("+OK") for _ in range(2000))
        p.send("QUIT\r\n")
        time.sleep(chance.uniform(0, 0.06))  # the kill comes before, amid and behind the commit
        roost.kill()
        acknowledged = b"messages deleted" in p.rest()
        p.close()
        roost.fsck()
        roost.start()
        with pop3.peer(roost) as p:
            now = int(p.ok("STAT").split()[1])
        assert now in ((left - 2000,) if acknowledged else (left, left - 2000))
        left = now


# --- clients that misbehave -----------------------------------------------------------------

HOSTILE = [
    (b"NOPE\r\n", b"-ERR unknown command\r\n"),
    (b"\r\n", b"-ERR unknown command\r\n"),
    (b"RETR\r\n", b"-ERR wrong number of arguments\r\n"),
    (b"RETR 1 2\r\n", b"-ERR wrong number of arguments\r\n"),
    (b"RETR 0\r\n", b"-ERR no such message\r\n"),
    (b"RETR -1\r\n", b"-ERR no such message\r\n"),
    (b"RETR 4294967297\r\n", b"-ERR no such message\r\n"),
    (b"TOP 1\r\n", b"-ERR wrong number of arguments\r\n"),
    (b"TOP 1 -1\r\n", b"-ERR TOP takes a message and a number of lines\r\n"),
    (b"LIST  1\r\n", b"+OK 1 "),
    (b"STAT\nQUIT\r\n", b"-ERR a line must end in CRLF"),
    (b"STAT\0\r\n", b"-ERR a line must end in CRLF"),
    (b"STAT\rQUIT\r\n", b"-ERR a line must end in CRLF"),
    (b"STAT " + b"x" * 20000 + b"\r\n", b"-ERR line too long\r\n"),
    (b"USER bob\r\n", b"-ERR you are logged in\r\n"),
]


@pytest.mark.parametrize("sent, start", HOSTILE, ids=range(len(HOSTILE)))
def test_odd_lines_are_refused_and_the_session_goes_on(roost: Roost, sent: bytes,
                                                       start: bytes) -> None:
    arrive(roost, "one")
    with pop3.peer(roost) as p:
        p.send(sent + b"NOOP\r\n")
        assert p.exactly(len(start)) == start
        if not start.endswith(b"\n"):
            p.line()
        assert p.line() == "+OK nothing done"


def test_too_many_errors_end_the_session(roost: Roost) -> None:
    with Pop3Peer(roost.ports["pop3"]) as p:
        p.send("GET / HTTP/1.1\r\n" * 50)
        assert p.rest().count(b"-ERR unknown command\r\n") == 20
