"""Moving in and out: Maildirs and mbox files, beside a running server and without one."""
import mailbox as boxes
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail
from harness.peer import ImapPeer
from harness.server import PASSWORDS, Roost, address

ALICE = address("alice")
LISTS = Path(__file__).resolve().parents[3] / "shared/corpus/lists/linux-man-6000.tar.xz"


def put(folder: Path, name: str, text: bytes, when: int, sub: str = "cur") -> None:
    """One file of a Maildir."""
    for each in ("cur", "new", "tmp"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    (folder / sub / name).write_bytes(text)
    os.utime(folder / sub / name, (when, when))


def maildir(path: Path) -> Path:
    """What Dovecot, Courier and mbsync leave behind, in one."""
    put(path, "100.M1P1.host,S=20:2,FSab", b"Subject: flagged\n\none\n", 1000000000)
    put(path, "101.M1P1.host", b"Subject: new\n\ntwo\n", 1000000001, "new")
    put(path, "102.R1.host;2,RP", b"Subject: semicolon\r\n\r\nthree\r\n", 1000000002)
    (path / "dovecot-keywords").write_text("0 $Label1\n1 work\n", "ascii")
    put(path / ".Sent.2024", "1.a.host:2,S", b"Subject: sent\n\nfour\n", 1000000003)
    put(path / ".&AOQ-rger", "1.b.host:2,T", b"Subject: odd\n\nfive\n", 1000000004)
    put(path / "Plain" / "below", "1.c.host:2,", b"Subject: plain\n\nsix\n", 1000000005)
    put(path, "103.bad.host:2,S", b"", 1000000006)
    os.symlink("/etc/passwd", path / "cur" / "104.link.host:2,S")
    os.symlink("/etc", path / ".Link")
    return path


def fetched(roost: Roost, name: str) -> list[str]:
    """FLAGS and INTERNALDATE of each message."""
    with mail.mailbox(roost, "alice", name) as m:
        status, data = m.fetch("1:*", "(FLAGS INTERNALDATE)")
        assert status == "OK"
        return [line.decode() for line in data if line]


@pytest.mark.parametrize("running", [False, True])
def test_maildir(make_roost: Maker, tmp_path: Path, running: bool) -> None:
    roost = make_roost()
    if running:
        roost.start()
    source = maildir(tmp_path / "Maildir")
    done = roost.run("account", "import-maildir", ALICE, str(source))
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-1] == "6 brought, 0 there already, 2 left out"
    assert "103.bad.host:2,S: it is empty" in done.stderr
    assert "104.link.host:2,S: it is a link" in done.stderr
    again = roost.run("account", "import-maildir", ALICE, str(source))
    assert again.stdout.splitlines()[-1] == "0 brought, 6 there already, 2 left out"
    if not running:
        roost.start()
    inbox = fetched(roost, "INBOX")
    assert len(inbox) == 3
    for word in ("\\Flagged", "\\Seen", "$Label1", "work", " 9-Sep-2001 01:46:40 +0000"):
        assert word in inbox[0]
    assert "\\Answered" in inbox[1] and "$Forwarded" in inbox[1]
    assert mail.inbox(roost)[0] == b"Subject: flagged\r\n\r\none\r\n"
    assert "\\Seen" in fetched(roost, "Sent/2024")[0]
    assert "\\Deleted" in fetched(roost, '"&AOQ-rger"')[0]
    assert len(fetched(roost, "Plain/below")) == 1


def test_only_what_is_new(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost()
    source = maildir(tmp_path / "Maildir")
    roost.run("account", "import-maildir", ALICE, str(source))
    # Two of the same are two; a flag that changed is no other message.
    put(source, "200.x.host:2,", b"Subject: twin\n\nx\n", 1000000009)
    put(source, "201.x.host:2,", b"Subject: twin\n\nx\n", 1000000009)
    (source / "cur/102.R1.host;2,RP").rename(source / "cur/102.R1.host;2,RPS")
    done = roost.run("account", "import-maildir", ALICE, str(source))
    assert done.stdout.splitlines()[-1] == "2 brought, 6 there already, 2 left out"
    done = roost.run("account", "import-maildir", ALICE, str(source))
    assert done.stdout.splitlines()[-1] == "0 brought, 8 there already, 2 left out"


def tree(path: Path) -> dict[str, tuple[bytes, int]]:
    """Every message file with its letters, bytes and date; not its unique name."""
    return {f"{p.parent.parent.relative_to(path)} {p.read_bytes()!r} {p.name.rsplit(',', 1)[1]}":
            (p.read_bytes(), int(p.stat().st_mtime)) for p in path.rglob("cur/*")}


def test_export_and_back(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost()
    roost.run("account", "import-maildir", ALICE, str(maildir(tmp_path / "Maildir")))
    roost.cli("account", "export", ALICE, str(tmp_path / "out"))
    roost.cli("account", "import-maildir", address("bob"), str(tmp_path / "out"))
    roost.cli("account", "export", address("bob"), str(tmp_path / "out2"))
    first, second = tree(tmp_path / "out"), tree(tmp_path / "out2")
    assert len(first) == 6 and first == second
    # Python reads it, too.
    assert len(boxes.Maildir(tmp_path / "out", create=False)) == 3
    taken = roost.run("account", "export", ALICE, str(tmp_path / "out"))
    assert taken.returncode == 1 and "is not empty" in taken.stderr


def test_mbox_and_back(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost()
    file = tmp_path / "old.mbox"
    file.write_bytes(
        b"From MAILER-DAEMON Thu Sep 26 16:42:01 2002\nSubject: DON'T DELETE THIS MESSAGE -- x\n"
        b"X-IMAP: 1 2\n\nnote\n\n"
        b"From a@b Thu Sep 26 16:42:01 2002\nSubject: one\nStatus: RO\nX-Status: F\n"
        b"X-Keywords: work\n\n>From here\n>>From there\nFrom me to you\n\n"
        b"From a@b Fri Sep 27 16:42:01 2002\r\nSubject: two\r\nContent-Length: 54\r\n\r\n"
        b"x\r\n\r\nFrom c@d Fri Sep 27 16:42:01 2002\r\n>From quoted\r\n\r\n"
        b"From a@b Sat Sep 28 16:42:01 2002\nSubject: three\nContent-Length: 7\n\nlonger than that\n")
    done = roost.cli("account", "import-mbox", ALICE, str(file), "Old/2002")
    assert done.splitlines()[-1] == "3 brought, 0 there already, 0 left out"
    assert "3 there already" in roost.cli("account", "import-mbox", ALICE, str(file), "Old/2002")
    roost.cli("account", "export", ALICE, str(tmp_path / "out"), "--mbox")
    roost.cli("account", "import-mbox", ALICE, str(tmp_path / "out/Old/2002.mbox"), "Again")
    roost.start()
    got = mail.inbox(roost, "alice", "Old/2002")
    assert got[0] == b"Subject: one\r\n\r\nFrom here\r\n>From there\r\nFrom me to you\r\n"
    assert got[1] == (b"Subject: two\r\n\r\nx\r\n\r\nFrom c@d Fri Sep 27 16:42:01 2002\r\n"
                      b">From quoted\r\n")
    assert got[2].endswith(b"longer than that\r\n")
    assert mail.inbox(roost, "alice", "Again") == got
    assert fetched(roost, "Again") == fetched(roost, "Old/2002")
    assert "work" in fetched(roost, "Again")[0] and "\\Flagged" in fetched(roost, "Again")[0]
    assert len(boxes.mbox(tmp_path / "out/Old/2002.mbox", create=False)) == 3


def test_what_is_refused(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost()
    (tmp_path / "text").write_text("no mail at all\n", "ascii")
    for words in (["import-maildir", ALICE, "/nonexistent"], ["import-maildir", ALICE, str(tmp_path)],
                  ["import-mbox", ALICE, str(tmp_path / "text")],
                  ["import-mbox", "nobody@example.org", str(tmp_path / "text")]):
        done = roost.run("account", *words)
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done
    roost.cli("account", "quota", ALICE, "1000")
    put(tmp_path / "big", "1.a:2,", b"Subject: big\n\n" + b"x" * 2000, 1)
    done = roost.run("account", "import-maildir", ALICE, str(tmp_path / "big"))
    assert done.returncode == 1 and "quota" in done.stderr.lower(), done


@pytest.mark.skipif(not LISTS.exists(), reason="no corpus")
@pytest.mark.full("Slow: imports 1,500 real messages")
def test_real_mail(make_roost: Maker, tmp_path: Path) -> None:
    roost = make_roost()
    source = tmp_path / "Maildir"
    put(source, "0.first:2,", b"Subject: x\n\nx\n", 1)
    (tmp_path / "tar").mkdir()
    subprocess.run(["tar", "-C", str(tmp_path / "tar"), "-xf", str(LISTS)], check=True)
    for i, path in enumerate(sorted((tmp_path / "tar").rglob("*.eml"))[:1500]):
        shutil.move(path, source / "cur" / f"{i + 1:08}.x:2,S")
    subprocess.run(["touch", "-d", "2020-01-01", *map(str, (source / "cur").iterdir())], check=True)
    done = roost.cli("account", "import-maildir", ALICE, str(source))
    assert done.splitlines()[-1] == "1501 brought, 0 there already, 0 left out"
    done = roost.cli("account", "import-maildir", ALICE, str(source))
    assert done.splitlines()[-1] == "0 brought, 1501 there already, 0 left out"
    roost.cli("account", "export", ALICE, str(tmp_path / "out"))
    roost.cli("account", "import-maildir", address("bob"), str(tmp_path / "out"))
    roost.cli("account", "export", address("bob"), str(tmp_path / "out2"))
    assert tree(tmp_path / "out") == tree(tmp_path / "out2")


def test_who_waits_hears_of_a_command(roost: Roost, tmp_path: Path) -> None:
    """A session in IDLE is told what a command beside the server brings, and search finds it."""
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login(ALICE, PASSWORDS["alice"])
        peer.ok("SELECT INBOX")
        peer.send("i IDLE\r\n")
        assert peer.line().startswith("+")
        roost.cli("account", "import-mbox", ALICE, str(mbox_of(tmp_path, 300)))
        counts = []
        while not counts or counts[-1] != "* 300 EXISTS":
            line = peer.line()
            counts += [line] if line.endswith("EXISTS") else []
        peer.send("DONE\r\n")
        assert peer.until("i")[-1].startswith("OK")
        assert peer.ok('SEARCH SUBJECT "letter 299"')[0] == "* SEARCH 300"
        peer.send("j IDLE\r\n")
        assert peer.line().startswith("+")
        roost.cli("account", "import-mbox", address("bob"), str(mbox_of(tmp_path, 2)))
        assert peer.silent(0.3), "another's mail is nothing to her"
        peer.send("DONE\r\n")


def mbox_of(path: Path, count: int) -> Path:
    """A file with so many letters."""
    text = "".join(f"From a@b Thu Sep 26 16:42:01 2002\nSubject: letter {i}\n\n{i}\n\n"
                   for i in range(count))
    (path / "letters.mbox").write_text(text, "ascii")
    return path / "letters.mbox"
