"""LMTP (RFC 2033): a mail server in front hands its mail over."""
import os
import smtplib
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail, pem
from harness.peer import SmtpPeer, until
from harness.ports import free_port
from harness.postfix import Postfix

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="Postfix starts only as root")


def test_off_unless_set_and_never_on_port_25(make_roost: Maker) -> None:
    done = make_roost(LISTEN_LMTP="127.0.0.1:25").run()
    assert done.returncode != 0 and "LMTP is not for port 25" in done.stderr


def test_swaks(make_roost: Maker) -> None:
    port = free_port()
    roost = make_roost(LISTEN_LMTP=f"127.0.0.1:{port}").start()
    done = subprocess.run(
        ["swaks", "--protocol", "LMTP", "--server", f"127.0.0.1:{port}",
         "--from", "x@remote.test", "--to", "alice@example.org,nobody@example.org",
         "--header", "Subject: by LMTP"],
        capture_output=True, text=True, timeout=30, check=False)
    assert "550 5.1.1 user unknown" in done.stdout
    (raw,) = until(lambda: mail.inbox(roost), what="the message")
    assert b"with LMTP" in raw and b"Subject: by LMTP" in raw
    with SmtpPeer(port) as peer:
        assert "LMTP" in peer.greeting[1]
        assert peer.code("EHLO x.test") == 500


def test_a_mailbox_gets_it_once(make_roost: Maker) -> None:
    """However often and by whatever names it is asked for; each of them is answered."""
    port = free_port()
    roost = make_roost(LISTEN_LMTP=f"127.0.0.1:{port}").start()
    roost.cli("alias", "add", "desk@example.org", "alice@example.org")
    roost.cli("alias", "add", "both@example.org", "alice@example.org", "bob@example.org")
    names = ["alice", "alice", "ALICE", "alice+tag", "desk", "both"]
    with SmtpPeer(port) as peer:
        assert peer.code("LHLO x.test") == 250
        assert peer.code("MAIL FROM:<x@remote.test>") == 250
        for name in names:
            assert peer.code(f"RCPT TO:<{name}@example.org>") == 250
        assert peer.code("DATA") == 354
        peer.send(mail.letter("once") + b".\r\n")
        for name in names:
            code, text = peer.reply()
            assert code == 250 and f"<{name}@example.org>" in text
    assert len(mail.inbox(roost, "alice")) == 1 and len(mail.inbox(roost, "bob")) == 1


@needs_root
def test_postfix_in_front(make_roost: Maker, tmp_path: Path) -> None:
    """One recipient is refused at the end alone: Postfix returns the mail for him only."""
    certificate, key = pem.make(tmp_path, "postfix", "postfix.remote.test")
    port = free_port()
    postfix = Postfix(port, certificate, key, by="lmtp:inet")
    try:
        roost = make_roost(LISTEN_LMTP=f"127.0.0.1:{port}").start()
        with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as s:
            s.sendmail("friend@remote.test", ["alice@example.org", "nobody@example.org"],
                       mail.letter("through the front"))
        (raw,) = until(lambda: mail.inbox(roost), what="the message")
        assert b"with LMTPS" in raw
        (bounce,) = until(postfix.received, what="the bounce")
        assert b"nobody@example.org" in bounce and b"alice@example.org" not in bounce.split(
            b"Content-Type: message/rfc822")[0].split(b"text/rfc822-headers")[0]
    finally:
        print(postfix.log())
        postfix.close()


# --- a socket in the file system ----------------------------------------------------------------


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path: that of a socket has at most 107 bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder) / "lmtp.sock"


def hand_in(path: Path, subject: str) -> dict[str, tuple[int, bytes]]:
    with smtplib.LMTP(str(path)) as s:
        return s.sendmail("x@remote.test", ["alice@example.org", "nobody@example.org"],
                          mail.letter(subject))


def test_socket(make_roost: Maker, place: Path) -> None:
    roost = make_roost(LMTP_SOCKET=f"{place} mode=0660").start()
    assert stat.S_IMODE(place.stat().st_mode) == 0o660
    assert hand_in(place, "by a socket")["nobody@example.org"][0] == 550
    (raw,) = until(lambda: mail.inbox(roost), what="the message")
    assert b"with LMTP" in raw and b"unknown" not in raw.split(b"Subject:")[0]
    assert roost.log and roost.log.wait(r" mail_accepted .*service=lmtp peer=local ")
    assert roost.stop() == 0
    assert not place.exists()


def test_socket_moves_and_ends(make_roost: Maker, place: Path) -> None:
    roost = make_roost()
    roost.cli("settings", "set", "LMTP_SOCKET", f"{place}")
    roost.start()  # a running server cannot make sockets in a folder of others
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    other = place.with_name("other.sock")
    roost.cli("settings", "set", "LMTP_SOCKET", f"{other} mode=666")
    assert other.exists() and not place.exists()
    hand_in(other, "by the other")
    until(lambda: mail.inbox(roost), what="the message")
    roost.cli("settings", "set", "LMTP_SOCKET", "")
    assert not other.exists()


def test_socket_that_a_killed_server_has_left(make_roost: Maker, place: Path) -> None:
    roost = make_roost(LMTP_SOCKET=f"{place}").start()
    roost.kill()
    assert place.exists()
    roost.start()
    hand_in(place, "after a kill")
    until(lambda: mail.inbox(roost), what="the message")


@pytest.mark.parametrize("what,why", [("socket", "another program listens on"),
                                      ("file", "is there already, and no socket")])
def test_socket_of_others_is_left_alone(make_roost: Maker, place: Path, what: str, why: str) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        if what == "socket":
            other.bind(str(place))
            other.listen(1)
        else:
            place.write_text("a diary")
        done = make_roost(LMTP_SOCKET=f"{place}").run()
        assert done.returncode != 0 and why in done.stderr
    assert place.exists()


def test_socket_form(make_roost: Maker) -> None:
    for value in ("lmtp.sock", "/run/x mode=9", "/run/x mode=06600", "/run/x\n/run/y"):
        done = make_roost(LMTP_SOCKET=value).run()
        assert done.returncode != 0 and "ROOST_LMTP_SOCKET" in done.stderr
