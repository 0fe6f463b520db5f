"""Mail pulled from another server by IMAP: Debian's Dovecot, and Roost itself.

Slow: an import is killed and continued.
"""
import subprocess
import time
from typing import Iterator

import pytest

from conftest import Maker
from harness import dovecot, mail, pem
from harness.dns_server import A, DnsServer
from harness.dovecot import Dovecot
from harness.server import BINARY, PASSWORDS, Roost, address, new_folder

ALICE = address("alice")
INTERNAL = ["01-Jan-2001 10:00:00 +0200", "02-Feb-2012 23:59:59 -0500"]


@pytest.fixture
def old() -> Iterator[Dovecot]:
    """The server that somebody leaves."""
    if not dovecot.available():
        pytest.skip("no dovecot")
    server = Dovecot()
    yield server
    server.close()


def bring(roost: Roost, url: str, password: str, roots: str) -> subprocess.CompletedProcess[str]:
    """The command, which asks for the other server's password."""
    return roost.run("account", "import-imap", ALICE, url, roots, stdin=password + "\n")


def fill(server: Dovecot) -> None:
    """Some mailboxes with flags, keywords and dates."""
    m = server.session()
    m.append("INBOX", "(\\Seen \\Flagged $Label1)", f'"{INTERNAL[0]}"', b"Subject: one\r\n\r\n1\r\n")
    m.append("INBOX", "()", f'"{INTERNAL[1]}"', b"Subject: two\r\n\r\n2\r\n")
    for name in ('"Sent Messages"', "A.B", "&AOQ-rger"):
        m.create(name)
        m.append(name, "(\\Answered)", f'"{INTERNAL[0]}"', b"Subject: other\r\n\r\n3\r\n")
    m.logout()


def shown(roost: Roost, name: str) -> bytes:
    """FLAGS and INTERNALDATE of a mailbox."""
    m = mail.mailbox(roost, "alice", name)
    data = m.fetch("1:*", "(FLAGS INTERNALDATE)")[1]
    m.logout()
    return b"\n".join(line for line in data if isinstance(line, bytes))


def test_from_dovecot(make_roost: Maker, dns: DnsServer, old: Dovecot) -> None:
    dns.add(dovecot.NAME, A, "127.0.0.1")
    roost = make_roost(DNS_SERVERS=dns.address).start()
    fill(old)
    done = bring(roost, old.url(), dovecot.PASSWORD, str(old.certificate))
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-1] == "5 brought, 0 there already, 0 left out"
    assert mail.inbox(roost) == [b"Subject: one\r\n\r\n1\r\n", b"Subject: two\r\n\r\n2\r\n"]
    text = shown(roost, "INBOX")
    for word in (b"\\Flagged", b"\\Seen", b"$Label1", b" 1-Jan-2001 08:00:00 +0000",
                 b" 3-Feb-2012 04:59:59 +0000"):
        assert word in text, text
    for name in ("Sent", "A/B", '"&AOQ-rger"'):  # by role, by separator, by encoding
        assert b"\\Answered" in shown(roost, name), name
    # Only what is new, and nothing that was removed here comes back.
    m = mail.mailbox(roost)
    m.store("1", "+FLAGS", "\\Deleted")
    m.expunge()
    m.logout()
    s = old.session()
    s.append("A.B", "()", f'"{INTERNAL[0]}"', b"Subject: new\r\n\r\nnew\r\n")
    # Made anew: other UIDs, but the same mail.
    s.delete("&AOQ-rger")
    time.sleep(1.1)  # its UIDVALIDITY is the clock's
    s.create("&AOQ-rger")
    s.append("&AOQ-rger", "()", f'"{INTERNAL[0]}"', b"Subject: other\r\n\r\n3\r\n")
    s.logout()
    done = bring(roost, old.url(), dovecot.PASSWORD, str(old.certificate))
    assert done.stdout.splitlines()[-1] == "1 brought, 1 there already, 0 left out", done


def test_who_is_not_believed(make_roost: Maker, dns: DnsServer, old: Dovecot) -> None:
    dns.add(dovecot.NAME, A, "127.0.0.1")
    dns.add("other.example.net", A, "127.0.0.1")
    roost = make_roost(DNS_SERVERS=dns.address)
    wrong = bring(roost, old.url(), "wrong", str(old.certificate))
    assert wrong.returncode == 1 and "login was refused" in wrong.stderr
    assert "wrong" not in wrong.stderr.replace("wrong password", "")
    for url in (old.url().replace("imap.", "other."), old.url().replace(dovecot.NAME, "127.0.0.1")):
        done = bring(roost, url, dovecot.PASSWORD, str(old.certificate))
        assert done.returncode == 1 and "certificate" in done.stderr, done
    done = roost.run("account", "import-imap", ALICE, old.url(), stdin="x\n")
    assert done.returncode == 1 and "certificate" in done.stderr, done
    for url in ("http://a@b", "imaps://b", "imaps://@b", "imaps://a@b:0", "imaps://a@b:x", "imaps://a@"):
        assert roost.run("account", "import-imap", ALICE, url, stdin="x\n").returncode == 2, url


def test_killed_and_gone_on(make_roost: Maker, dns: DnsServer) -> None:
    dns.add("mx.example.org", A, "127.0.0.1")
    folder = new_folder()
    certificate, key = pem.make(folder, "own", "mx.example.org")
    source = make_roost(TLS_CERT=str(certificate), TLS_KEY=str(key)).start()
    m = mail.mailbox(source)
    for i in range(300):
        m.append("INBOX", "()", None, f"Subject: {i}\r\n\r\n{'x' * 20000}\r\n".encode())  # type: ignore
    m.logout()
    roost = make_roost(DNS_SERVERS=dns.address)
    words = ["account", "import-imap", ALICE, f"imaps://{ALICE}@mx.example.org:{source.ports['imaps']}",
             str(certificate)]
    kills = 0
    for pause in (0.03, 0.06, 0.09, 0.12, 0.2):
        process = subprocess.Popen([BINARY, *words], env=roost.environment(), text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stdin
        process.stdin.write(PASSWORDS["alice"] + "\n")
        process.stdin.close()
        time.sleep(pause)
        kills += process.poll() is None
        process.kill()
        process.wait()
    assert kills, "it was over each time before it could be killed"
    done = roost.run(*words, stdin=PASSWORDS["alice"] + "\n")
    assert done.returncode == 0, done
    roost.start()
    assert sorted(mail.inbox(roost)) == sorted(mail.inbox(source))
    # STARTTLS is the other way in.
    words[3] = f"imap://{ALICE}@mx.example.org:{source.ports['imap']}"
    done = roost.run(*words, stdin=PASSWORDS["alice"] + "\n")
    assert done.returncode == 0 and " 0 left out" in done.stdout.splitlines()[-1], done
    assert done.stdout.splitlines()[-1].startswith("0 brought, "), done
