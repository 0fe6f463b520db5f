"""NOTIFY (RFC 5465) over sockets: sessions that send nothing hear of what others do."""
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness import mail
from harness.peer import ImapPeer
from harness.server import PASSWORDS, Roost, address

MESSAGES = "MessageNew MessageExpunge FlagChange"
NAMES = "MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange"
MAILBOXES = 500
ALICE, BOB = address("alice"), address("bob")


@contextmanager
def session(roost: Roost, user: str = "alice") -> Iterator[ImapPeer]:
    """One that has logged in."""
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login(address(user), PASSWORDS[user])
        yield peer  # type: ignore[misc]


def quiet(peer: ImapPeer) -> None:
    """Nothing has come, and the session still answers."""
    assert peer.silent(0.3)
    assert len(peer.ok("NOOP")) == 1


def test_mail_into_another_mailbox(roost: Roost) -> None:
    """New mail by SMTP, while another mailbox is selected, and then that one."""
    with session(roost) as alice:
        alice.ok("SELECT Archive")
        alice.ok("NOTIFY SET (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) "
                 f"MessageExpunge)) (inboxes ({MESSAGES}))")
        mail.deliver(roost, mail.letter("first"))
        assert alice.response() == "* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UNSEEN 1)"
        alice.ok("SELECT INBOX")
        mail.deliver(roost, mail.letter("second"))
        assert alice.response() == "* 2 EXISTS"
        assert alice.response().endswith("RECENT")
        fetched = alice.response()
        assert fetched.startswith("* 2 FETCH (UID 2 BODY[HEADER.FIELDS (SUBJECT)] {")
        assert "Subject: second" in fetched
        quiet(alice)
        alice.ok("NOTIFY NONE")
        mail.deliver(roost, mail.letter("third"))
        quiet(alice)


def test_what_another_session_does(roost: Roost) -> None:
    """Flags, mailboxes, subscriptions and annotations."""
    with session(roost) as alice, session(roost) as other:
        mail.deliver(roost, mail.letter("one"))
        alice.ok("ENABLE CONDSTORE")
        alice.ok(f"NOTIFY SET (personal ({MESSAGES} {NAMES}))")
        other.ok("SELECT INBOX")
        other.ok("STORE 1 +FLAGS (\\Flagged)")
        assert re.fullmatch(r"\* STATUS INBOX \(UIDVALIDITY \d+ HIGHESTMODSEQ \d+\)",
                            alice.response())
        other.ok("CREATE Work")
        assert alice.response() == '* LIST (\\HasNoChildren) "/" Work'
        assert alice.response().startswith("* STATUS Work (MESSAGES 0 UIDNEXT 1 UIDVALIDITY ")
        other.ok("RENAME Work Job")
        assert alice.response() == '* LIST (\\HasNoChildren) "/" Job ("OLDNAME" (Work))'
        other.ok("SUBSCRIBE Job")
        assert alice.response() == '* LIST (\\Subscribed \\HasNoChildren) "/" Job'
        other.ok('SETMETADATA Job (/private/comment "x")')
        assert alice.response() == "* METADATA Job /private/comment"
        other.ok('SETMETADATA "" (/private/comment "x")')
        assert alice.response() == '* METADATA "" /private/comment'
        other.ok("DELETE Job")
        assert alice.response() == '* LIST (\\NonExistent \\Subscribed) "/" Job'
        other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
        assert alice.response().startswith("* STATUS INBOX (UIDVALIDITY ")
        other.ok("EXPUNGE")
        assert alice.response().startswith("* STATUS INBOX (MESSAGES 0 UIDNEXT 2 ")
        alice.ok("CREATE Mine")
        quiet(alice)


def test_shared_mailboxes(roost: Roost) -> None:
    """Rights come and go, and with them what is heard."""
    hers = f"Other Users/{ALICE}/INBOX"
    with session(roost) as alice, session(roost, "bob") as bob:
        bob.ok(f'NOTIFY SET (mailboxes "{hers}" (MessageNew MessageExpunge MailboxName))')
        alice.ok(f"SETACL INBOX {BOB} lr")
        assert bob.response() == f'* LIST (\\HasNoChildren) "/" "{hers}"'
        mail.deliver(roost, mail.letter("for both"))
        assert bob.response() == f'* STATUS "{hers}" (MESSAGES 1 UIDNEXT 2)'
        alice.ok(f"DELETEACL INBOX {BOB}")
        assert bob.response() == f'* LIST (\\NonExistent) "/" "{hers}"'
        mail.deliver(roost, mail.letter("for her"))
        quiet(bob)


def test_many_mailboxes(roost: Roost) -> None:
    """Five hundred, told whole to a client that reads late, each once."""
    with session(roost) as alice, session(roost) as other:
        for i in range(MAILBOXES):
            other.ok(f"CREATE Lists/{i:03}")
        begun = alice.ok(f"NOTIFY SET STATUS (subtree Lists ({MESSAGES}))")
        assert len([x for x in begun if x.startswith("* STATUS Lists/")]) == MAILBOXES
        other.send("".join(f"x{i} APPEND Lists/{i:03} {{3+}}\r\na:b\r\n" for i in range(MAILBOXES)))
        other.until(f"x{MAILBOXES - 1}")
        told = {alice.response() for _ in range(MAILBOXES)}
        assert told == {f"* STATUS Lists/{i:03} (MESSAGES 1 UIDNEXT 2 UNSEEN 1)"
                        for i in range(MAILBOXES)}
        quiet(alice)


def test_who_reads_late(roost: Roost) -> None:
    """A client that reads late keeps nobody waiting, and has all in the end."""
    body = "x" * 70 + "\r\n"
    big = "Subject: big\r\n\r\n" + body * 10000
    with session(roost) as deaf, session(roost) as other:
        deaf.ok("SELECT INBOX")
        deaf.ok("NOTIFY SET (selected (MessageNew (BODY.PEEK[]) MessageExpunge))")
        begin = time.monotonic()
        for _ in range(20):
            other.ok(f"APPEND INBOX {{{len(big)}+}}\r\n{big}")
        other.ok("SELECT INBOX")
        other.ok("NOOP")
        assert time.monotonic() - begin < 60
        seen = []
        while not seen or seen[-1] != "* 20 FETCH":
            seen.append(" ".join(deaf.response().split(" ")[:3]))
        deaf.ok("NOOP")
