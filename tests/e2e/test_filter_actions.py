"""What filters decide for a message is done when it is delivered: all of it, or none."""
import contextlib
import itertools
import random
import re
import threading
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail
from harness.peer import SmtpPeer, until
from harness.ports import free_port
from harness.server import Roost


def script(roost: Roost, folder: Path, user: str, text: str) -> None:
    path = folder / f"{user}.sieve"
    path.write_text(text)
    roost.cli("script", "put", f"{user}@example.org", "main", str(path))
    roost.cli("script", "activate", f"{user}@example.org", "main")


def reply(roost: Roost, *rcpts: str, message: bytes | None = None) -> tuple[int, str]:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("carol@example.net", *rcpts)
        return peer.data(message or mail.letter("hello"))


def subjects(roost: Roost, user: str, name: str = "INBOX") -> list[str]:
    return [str(mail.parse(m)["Subject"]) for m in mail.inbox(roost, user, name)]


def trace(roost: Roost, address: str) -> str:
    """The steps of all messages of this address."""
    lines = roost.cli("trace", "list", f"q={address}").splitlines()
    numbers = [line.split("id=")[1].split()[0] for line in lines]
    return "".join(roost.cli("trace", "show", n) for n in numbers)


def test_copies_and_redirect(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost().start()
    script(roost, tmp_path, "alice",
           'require ["fileinto", "copy", "mailbox", "imap4flags", "editheader"];\n'
           'redirect :copy "bob@example.org";\n'
           'fileinto :copy :create :flags "\\\\Flagged" "News/Weekly";\n'
           'fileinto :copy "News/Weekly";\n'
           'addheader "X-Seen" "yes";\nkeep;\n')
    assert reply(roost, "alice@example.org")[0] == 250
    assert "News/Weekly, UID 1" in trace(roost, "carol@example.net")
    assert subjects(roost, "alice", "News/Weekly") == ["hello"]
    (kept,) = mail.inbox(roost, "alice")
    assert mail.parse(kept)["X-Seen"] == "yes"
    (sent,) = until(lambda: mail.inbox(roost, "bob"), what="the redirected copy")
    copy = mail.parse(sent)
    assert copy["Delivered-To"] == "alice@example.org" and copy["X-Seen"] is None
    assert copy["Return-Path"].startswith("<SRS0=")
    steps = trace(roost, "carol@example.net")
    assert "News/Weekly, UID 1 (script main, line 3: fileinto)" in steps
    assert "(script main, line 2: redirect)" in steps


def test_reject(make_roost: Maker, tmp_path: Path) -> None:
    lmtp = free_port()
    roost = make_roost(LISTEN_LMTP=f"127.0.0.1:{lmtp}").start()
    script(roost, tmp_path, "alice", 'require "reject";\nreject "Not\nto me";\n')
    assert reply(roost, "alice@example.org") == (550, "5.7.1 Not to me")
    assert subjects(roost, "alice") == []
    # one of two: a report instead
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("bob@example.org", "alice@example.org", "bob@example.org")
        assert peer.data(mail.letter("two"))[0] == 250
    both = [mail.parse(m) for m in mail.inbox(roost, "bob")]
    assert len(both) == 2
    (bounce,) = [m for m in both if m["Subject"] != "two"]
    assert re.search(r"Not\s+to me", bounce.get_body(("plain",)).get_content())
    with SmtpPeer(lmtp) as peer:
        peer.code("LHLO x.test")
        peer.code("MAIL FROM:<carol@example.net>")
        peer.code("RCPT TO:<alice@example.org>")
        peer.code("RCPT TO:<bob@example.org>")
        peer.code("DATA")
        peer.send(mail.letter("three") + b".\r\n")
        assert peer.reply()[0] == 550
        assert peer.reply()[0] == 250
    assert "three" in subjects(roost, "bob") and subjects(roost, "alice") == []


def test_reject_that_a_reply_cannot_carry(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost().start()
    script(roost, tmp_path, "alice", 'require "reject";\nreject "Grüße, nein";\n')
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("bob@example.org", "alice@example.org")
        assert peer.data(mail.letter("one"))[0] == 250
    (bounce,) = mail.inbox(roost, "bob")
    assert "Grüße, nein" in mail.parse(bounce).get_body(("plain",)).get_content()
    assert subjects(roost, "alice") == []


def test_discard(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost().start()
    script(roost, tmp_path, "alice", "discard;\n")
    assert reply(roost, "alice@example.org")[0] == 250
    assert subjects(roost, "alice") == []
    assert "script main, line 1: discard" in trace(roost, "carol@example.net")


def test_vacation_once(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost().start()
    script(roost, tmp_path, "alice", 'require "vacation";\nvacation "I am away";\n')
    for _ in range(2):
        mail.submit(roost, mail.letter("question", sender="bob@example.org",
                                       to="alice@example.org"), "alice@example.org", "bob")
    assert len(subjects(roost, "alice")) == 2
    answers = until(lambda: mail.inbox(roost, "bob"), what="the answer")
    assert len(answers) == 1
    assert mail.parse(answers[0])["Return-Path"] == "<>"
    assert "done before" in trace(roost, "bob@example.org")


@pytest.mark.parametrize("back", ["alice", "bob"])
def test_loop(make_roost: Maker, tmp_path: Path, back: str) -> None:
    roost = make_roost().start()
    script(roost, tmp_path, "alice", 'redirect "bob@example.org";\n')
    script(roost, tmp_path, "bob", 'redirect "alice@example.org";\n')
    assert reply(roost, f"{back}@example.org")[0] == 250
    until(lambda: mail.inbox(roost, back), what="the message that came back")
    assert "the account redirected the message before" in trace(roost, "carol")


def test_kill_leaves_all_actions_of_a_message_or_none(make_roost: Maker, tmp_path: Path) -> None:
    """Senders go on while the server is killed again and again."""
    ports = {f"LISTEN_{name}": f"127.0.0.1:{free_port()}" for name in ("SMTP", "IMAPS")}
    roost = make_roost(**ports).start()
    script(roost, tmp_path, "alice",
           'require ["fileinto", "copy", "mailbox", "duplicate"];\n'
           'if duplicate :header "subject" { discard; stop; }\n'
           'redirect :copy "bob@example.org";\nfileinto :copy :create "Copies";\n')
    chance, ended, acknowledged = random.Random(7), threading.Event(), []

    def send(name: int) -> None:
        for n in itertools.count():
            if ended.is_set():
                return
            with contextlib.suppress(OSError, AssertionError, EOFError):
                if reply(roost, "alice@example.org",
                         message=mail.letter(f"message {name}-{n}"))[0] == 250:
                    acknowledged.append(f"message {name}-{n}")

    senders = [threading.Thread(target=send, args=(i,)) for i in range(3)]
    for sender in senders:
        sender.start()
    for _ in range(6):
        wanted = len(acknowledged) + chance.randint(5, 40)
        until(lambda n=wanted: len(acknowledged) >= n, what="accepted messages")
        roost.kill()
        roost.fsck()
        roost.start()
    ended.set()
    for sender in senders:
        sender.join()
    until(lambda: roost.cli("queue", "list") == "", 60, "an empty queue")
    kept = sorted(subjects(roost, "alice"))
    assert len(set(kept)) == len(kept) and set(acknowledged) <= set(kept)
    assert sorted(subjects(roost, "alice", "Copies")) == kept
    assert sorted(subjects(roost, "bob")) == kept


def test_mail_that_waits_for_room_is_not_filtered_again(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost().start()
    mail.deliver(roost, mail.letter("first", ("x" * 70 + "\n") * 150))
    (first,) = mail.inbox(roost)
    roost.cli("account", "quota", "alice@example.org", str(len(first) + 500))
    script(roost, tmp_path, "alice", 'require ["fileinto", "mailbox"];\nfileinto :create "Kept";\n')
    with mail.submission(roost, "bob") as s:
        assert s.mail("bob@example.org", ["HOLDFOR=1"])[0] == 250
        assert s.rcpt("alice@example.org")[0] == 250
        assert s.data(mail.letter("waits", "z" * 700, sender="bob@example.org"))[0] == 250
    until(lambda: "mailbox full" in roost.cli("queue", "list"), what="an attempt")
    script(roost, tmp_path, "alice", "discard;\n")
    roost.cli("account", "quota", "alice@example.org", "0")
    roost.cli("queue", "retry")
    until(lambda: roost.cli("queue", "list") == "", what="an empty queue")
    assert subjects(roost, "alice", "Kept") == ["waits"]
