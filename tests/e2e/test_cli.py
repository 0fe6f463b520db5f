"""The command line: what people type, beside a running server and without one."""
import re
import socket
import subprocess
import time
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail
from harness.peer import SmtpPeer, until
from harness.server import BINARY, PASSWORDS, Roost, address
from harness.smtp_sink import HANG, Sink

COMMANDS = ["healthcheck", "settings", "account add", "account owner", "account passwd", "account list",
            "account rm", "account role", "account app-password add", "account totp off",
            "account import-imap", "account import-maildir", "account import-mbox",
            "account export", "account logins", "account enable", "account disable", "list set", "domain add", "domain list", "domain rm", "queue list", "queue retry",
            "queue drop", "backup", "restore", "fsck", "licenses", "version"]


def test_help_lists_every_command(make_roost: Maker) -> None:
    roost = make_roost(empty=True)
    for word in ("help", "--help", "-h"):
        text = roost.cli(word)
        for command in COMMANDS:
            assert f"roost {command}" in text


@pytest.mark.parametrize("words", [["nonsense"], ["account"], ["account", "nonsense"],
                                   ["account", "add"], ["backup"], ["queue", "drop", "x"],
                                   ["backup", "--force"], ["restore", "--replace"],
                                   ["domain", "add", "a.test", "b.test"]])
def test_wrong_usage_has_status_2(make_roost: Maker, words: list[str]) -> None:
    done = make_roost(empty=True).run(*words)
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr != ""


def test_version_and_licenses(make_roost: Maker) -> None:
    roost = make_roost(empty=True)
    version = Path("VERSION").read_text("ascii").strip()
    assert re.fullmatch(rf"roost {re.escape(version)} \([0-9a-f]{{12}}(-dirty)?\)\n", roost.cli("version"))
    assert roost.cli("--version") == roost.cli("version")
    licenses = roost.cli("licenses")
    for name in ("musl", "BearSSL", "LMDB", "libmicrohttpd", "c-ares", "libsodium", "zstd",
                 "utf8proc", "jemalloc"):
        assert name.lower() in licenses.lower(), name


def test_commands_without_a_store_say_so(make_roost: Maker) -> None:
    roost = make_roost(empty=True)
    for words in (["account", "list"], ["fsck"], ["queue", "list"], ["backup", "/tmp/none"]):
        done = roost.run(*words)
        assert done.returncode == 1
        assert done.stderr.startswith("roost: store: "), done.stderr
        assert done.stderr.count("\n") == 1
    assert not (roost.folder / "roost.mdb").exists(), "a question made a store"


def test_domains(make_roost: Maker) -> None:
    roost = make_roost(empty=True)
    roost.cli("domain", "add", "Example.ORG")
    roost.cli("domain", "add", "xn--bcher-kva.example")
    assert "example.org" in roost.cli("domain", "list").split()
    assert roost.run("domain", "add", "example.org").returncode == 1
    for wrong in ("no domain", "", "x.-.org", "b\u00fccher.example", "a@b.org", "x" * 64 + ".org"):
        assert roost.run("domain", "add", wrong).returncode == 1, wrong
    roost.cli("domain", "rm", "example.org")
    assert "example.org" not in roost.cli("domain", "list").split()
    assert roost.run("domain", "rm", "example.org").returncode == 1


def test_accounts(make_roost: Maker) -> None:
    roost = make_roost()
    assert [line.split()[0] for line in roost.cli("account", "list").splitlines()] == \
        sorted(address(user) for user in PASSWORDS)
    again = roost.run("account", "add", "ALICE@example.org", stdin="another one\n")
    assert again.returncode == 1 and "alice@example.org" in again.stderr
    assert roost.run("account", "add", "x@elsewhere.test", stdin="another one\n").returncode == 1
    assert roost.run("account", "add", "y@example.org", stdin="").returncode == 1
    assert roost.run("account", "passwd", "nobody@example.org", stdin="another one\n").returncode == 1
    # A name is for one line of a list.
    assert roost.run("account", "add", "x@example.org", "two\nlines", stdin="another one\n").returncode == 1
    roost.cli("account", "rm", "bob@example.org")
    assert "bob" not in roost.cli("account", "list")
    assert roost.run("account", "rm", "bob@example.org").returncode == 1
    # A domain with accounts is not thrown away by a slip of the hand.
    assert roost.run("domain", "rm", "example.org").returncode == 1


@pytest.mark.parametrize("password", [b"", b"\n", b"a\0b\n", b"caf\xe9\n", b"x" * 1025 + b"\n"])
def test_password_that_no_login_can_carry(make_roost: Maker, password: bytes) -> None:
    roost = make_roost()
    for words in (["add", "new@example.org"], ["passwd", "alice@example.org"]):
        done = subprocess.run([BINARY, "account", *words], env=roost.environment(),
                              input=password, capture_output=True, timeout=60, check=False)
        assert done.returncode == 1 and b"password" in done.stderr, done
    assert "new@example.org" not in roost.cli("account", "list")
    roost.start()
    mail.mailbox(roost).logout()  # the old password still holds


def test_account_lives_at_once_beside_a_running_server(roost: Roost) -> None:
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("carol@example.net")
        assert peer.code("RCPT TO:<dave@example.org>") == 550
        roost.cli("account", "add", "dave@example.org", stdin="a new password\n")
        assert peer.code("RCPT TO:<dave@example.org>") == 250
        roost.cli("account", "rm", "dave@example.org")
        assert peer.code("RCPT TO:<dave@example.org>") == 550


def test_removed_account_takes_its_mail_with_it(roost: Roost) -> None:
    mail.deliver(roost, mail.letter("secret"), to=["alice@example.org", "bob@example.org"])
    roost.cli("account", "rm", "alice@example.org")
    roost.fsck()
    roost.cli("account", "add", "alice@example.org", stdin=PASSWORDS["alice"] + "\n")
    assert mail.inbox(roost, "alice") == []
    assert len(mail.inbox(roost, "bob")) == 1


def test_new_password_is_the_only_one_at_once(roost: Roost) -> None:
    mail.mailbox(roost).logout()  # the old one is in the cache of verified logins now
    roost.cli("account", "passwd", "alice@example.org", stdin="other words\n")
    with pytest.raises(Exception, match="AUTHENTICATIONFAILED"):
        mail.mailbox(roost)
    mail.submission(roost, password="other words").quit()


def test_aliases_catchall_and_tags(roost: Roost) -> None:
    roost.cli("alias", "add", "info@example.org", "alice@example.org", "bob@example.org")
    roost.cli("domain", "catchall", "example.org", "bob@example.org")
    assert "info@example.org alice@example.org bob@example.org" in roost.cli("alias", "list")
    mail.deliver(roost, mail.letter("to info"), to="info@example.org")
    mail.deliver(roost, mail.letter("to a tag"), to="alice+shop@example.org")
    mail.deliver(roost, mail.letter("to anybody"), to="whoever@example.org")
    subjects = {user: sorted(mail.parse(raw)["Subject"] for raw in mail.inbox(roost, user))
                for user in PASSWORDS}
    assert subjects == {"alice": ["to a tag", "to info"], "bob": ["to anybody", "to info"]}
    roost.cli("alias", "rm", "info@example.org")
    roost.cli("domain", "catchall", "example.org")
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("carol@example.net")
        assert peer.code("RCPT TO:<info@example.org>") == 550
        assert peer.code("RCPT TO:<whoever@example.org>") == 550


def test_one_message_for_two_people_is_one_copy_each(roost: Roost) -> None:
    roost.cli("alias", "add", "both@example.org", "alice@example.org", "bob@example.org")
    mail.deliver(roost, mail.letter("once"),
                 to=["both@example.org", "alice@example.org", "alice+tag@example.org"])
    assert len(mail.inbox(roost, "alice")) == 1
    assert len(mail.inbox(roost, "bob")) == 1


def test_quota(roost: Roost) -> None:
    roost.cli("account", "quota", "alice@example.org", "20000")
    mail.deliver(roost, mail.letter("fits", "x" * 70 + "\n"))
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("", "alice@example.org")
        code, text = peer.data(mail.letter("does not", ("x" * 70 + "\n") * 400))
        assert code == 552 and text.startswith("5.2.3"), "never"
    mail.deliver(roost, mail.letter("fits too", ("x" * 70 + "\n") * 200))
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("", "alice@example.org")
        code, text = peer.data(mail.letter("not now", ("x" * 70 + "\n") * 200))
        assert code == 452 and text.startswith("4.2.2"), "as at RCPT"
    roost.cli("account", "quota", "alice@example.org", "0")
    mail.deliver(roost, mail.letter("fits now", ("x" * 70 + "\n") * 400))
    assert len(mail.inbox(roost)) == 3


def test_owner_hands_over(make_roost: Maker) -> None:
    roost = make_roost()
    assert roost.run("account", "owner", "nobody@example.org").returncode == 1
    for _ in range(2):  # again is fine
        roost.cli("account", "owner", "ALICE@example.org")
    assert "alice@example.org owner" in roost.cli("account", "list")
    assert "bob@example.org owner" not in roost.cli("account", "list")
    assert roost.run("account", "rm", "alice@example.org").returncode == 1  # the only one
    roost.cli("account", "owner", "bob@example.org")
    roost.cli("account", "rm", "alice@example.org")


def test_healthcheck(roost: Roost) -> None:
    assert roost.run("healthcheck").returncode == 0
    assert roost.run("healthcheck", LISTEN_HTTP="").returncode == 0  # by https, then
    off = roost.run("healthcheck", LISTEN_HTTP="", LISTEN_HTTPS="")
    assert off.returncode == 1 and "ROOST_LISTEN_HTTP" in off.stderr
    off = roost.run("healthcheck", LISTEN_HTTP="127.0.0.1:1")
    assert off.returncode == 1 and off.stderr.startswith("roost: healthcheck: ")


def test_healthcheck_of_a_server_that_hangs(roost: Roost) -> None:
    """It is asked once, for 3 s: an engine gives the check 5 s in all."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        hangs = roost.run("healthcheck", LISTEN_HTTP=f"127.0.0.1:{silent.getsockname()[1]}")
        assert hangs.returncode == 1
        assert 2.9 < time.monotonic() - began < 4.5


def test_queue_commands(make_sender: Maker, sink: Sink) -> None:
    sender = make_sender(QUEUE_RETRY="1h").start()
    sink.always("MAIL", "451 4.3.0 not now")
    for n in range(3):
        mail.submit(sender, mail.letter(f"waiting {n}"), "friend@example.net")

    def ids() -> list[str]:
        return [line.split()[0] for line in sender.cli("queue", "list").splitlines()
                if not line.startswith(" ")]

    until(lambda: sender.cli("queue", "list").count("451 not now") == 3)
    assert len(ids()) == 3
    assert sender.run("queue", "drop", "99999").returncode == 1
    sender.cli("queue", "drop", ids()[0])
    assert len(ids()) == 2
    sink.always("MAIL", None)
    assert sender.cli("queue", "retry") == "2\n"
    sink.wait(2)
    until(lambda: sender.cli("queue", "list") == "", what="an empty queue")
    assert len(sink.messages) == 2


def test_commands_on_the_queue_without_a_server(make_sender: Maker, sink: Sink) -> None:
    sender = make_sender(QUEUE_RETRY="1h").start()
    sink.always("MAIL", "451 4.3.0 not now")
    mail.submit(sender, mail.letter("waiting"), "friend@example.net")
    until(lambda: "not now" in sender.cli("queue", "list"))
    assert sender.stop() == 0
    sink.always("MAIL", None)
    assert sender.cli("queue", "retry", sender.cli("queue", "list").split()[0]) == "1\n"
    assert sink.messages == []
    sender.start()
    sink.wait(1)


def test_queue_of_a_server_that_was_killed_while_it_sent(make_sender: Maker, sink: Sink) -> None:
    sender = make_sender().start()
    sink.always("MAIL", HANG)
    for n in range(2):
        mail.submit(sender, mail.letter(f"waiting {n}"), "friend@example.net")
    until(lambda: sender.cli("queue", "list").count("being tried until") == 2)
    ids = re.findall(r"^\d+", sender.cli("queue", "list"), re.MULTILINE)
    assert "is being tried" in sender.run("queue", "drop", ids[0]).stderr
    sender.kill()
    assert sender.cli("queue", "list").count("next when the server starts") == 2
    sender.cli("queue", "drop", ids[0])
    assert sender.cli("queue", "retry", ids[1]) == "1\n"
    sink.always("MAIL", None)
    sender.start()
    until(lambda: sender.cli("queue", "list") == "", what="an empty queue")
    assert [got.header("Subject") for got in sink.messages] == ["waiting 1"]
