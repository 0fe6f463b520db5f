"""Programs that fetch mail by POP3: fetchmail, getmail, mpop and curl, over TLS and by STLS."""
from pathlib import Path

import pytest

from harness import account, clients, mail, pop3
from harness.server import PASSWORDS, Roost, address

ALICE, PASSWORD = address("alice"), PASSWORDS["alice"]
BOTH = pytest.mark.parametrize("service", ["pop3s", "pop3"])


def arrive(roost: Roost, *subjects: str) -> None:
    """Mail for alice, with lines that need dot-stuffing."""
    for subject in subjects:
        mail.deliver(roost, mail.letter(subject, ".\n..\n.dot\nlast\n"))


class Folder:
    """Files in which a program leaves what it fetches."""

    def __init__(self, path: Path):
        self.path = path
        path.mkdir()
        self.seen: set[Path] = set()

    def new(self) -> list[str]:
        """Subjects of the messages that have come since the last call, sorted."""
        now = set(self.path.iterdir())
        raw = [path.read_bytes().replace(b"\r\n", b"\n") for path in now - self.seen]
        self.seen = now
        assert all(b"\n.\n..\n.dot\nlast\n" in message for message in raw)
        return sorted(mail.parse(message)["Subject"] for message in raw)


@BOTH
def test_fetchmail(roost: Roost, tmp_path: Path, service: str) -> None:
    got = Folder(tmp_path / "got")
    tls = "ssl no sslcertck" if service == "pop3s" else "sslproto TLS1.2+ no sslcertck"

    def run(options: str, status: int = 0) -> list[str]:
        rc = clients.write(tmp_path / "rc", f"""
set idfile "{tmp_path}/ids"
poll 127.0.0.1 protocol POP3 service {roost.ports[service]} auth password uidl
  user "{ALICE}" password "{PASSWORD}" is root here {tls} {options}
  mda "f=$(mktemp {got.path}/XXXXXX) && cat > $f"
""")
        clients.run(["fetchmail", "-v", "-f", str(rc), "--pidfile", str(tmp_path / "pid")],
                    tmp_path, status=status)
        return got.new()

    arrive(roost, "one", "two")
    assert run("keep") == ["one", "two"]
    assert run("keep", status=1) == []
    arrive(roost, "three")
    assert run("keep") == ["three"]
    assert run("nokeep fetchall") == ["one", "three", "two"]
    assert account.letters(roost) == {}


def test_getmail(roost: Roost, tmp_path: Path) -> None:
    """It has no STLS."""
    got = Folder(tmp_path / "got")
    take = clients.write(tmp_path / "take", f"#!/bin/sh\ncat > $(mktemp {got.path}/XXXXXX)\n")
    take.chmod(0o700)

    def run(*options: str) -> list[str]:
        rc = clients.write(tmp_path / "rc", f"""
[retriever]
type = SimplePOP3SSLRetriever
server = 127.0.0.1
port = {roost.ports['pop3s']}
username = {ALICE}
password = {PASSWORD}
use_apop = false

[destination]
type = MDA_external
path = {take}
allow_root_commands = true

[options]
""" + "\n".join(options) + "\n")
        clients.run(["getmail", "--getmaildir", str(tmp_path), "--rcfile", str(rc)], tmp_path)
        return got.new()

    arrive(roost, "one", "two")
    assert run("read_all = false") == ["one", "two"]
    assert run("read_all = false") == []
    arrive(roost, "three")
    assert run("read_all = false") == ["three"]
    assert run("delete = true") == ["one", "three", "two"]
    assert account.letters(roost) == {}


@BOTH
def test_mpop(roost: Roost, tmp_path: Path, service: str) -> None:
    got = Folder(tmp_path / "got")

    def run(keep: str) -> list[str]:
        rc = clients.write(tmp_path / "rc", f"""
account default
host 127.0.0.1
port {roost.ports[service]}
tls on
tls_starttls {"off" if service == "pop3s" else "on"}
tls_certcheck off
user {ALICE}
password {PASSWORD}
auth plain
keep {keep}
uidls_file {tmp_path}/uidls
delivery mda "sh -c 'cat > $(mktemp {got.path}/XXXXXX)'"
""")
        clients.run(["mpop", "-C", str(rc), "-q"], tmp_path)
        return got.new()

    arrive(roost, "one", "two")
    assert run("on") == ["one", "two"]
    assert run("on") == []
    arrive(roost, "three")
    assert run("off") == ["three"]
    assert account.letters(roost) == {}


@BOTH
def test_curl(roost: Roost, tmp_path: Path, service: str) -> None:
    def run(path: str, *words: str, status: int = 0) -> str:
        return clients.run(["curl", "-sk", "--ssl-reqd", "-u", f"{ALICE}:{PASSWORD}",
                            f"{service}://127.0.0.1:{roost.ports[service]}/{path}", *words],
                           tmp_path, status=status).stdout

    arrive(roost, "one", "two")
    sizes = [int(line.split()[1]) for line in run("").splitlines()]
    message = run("2")
    assert "Subject: two" in message and len(message) + message.count("\n") == sizes[1]
    assert [line.split()[1] for line in run("", "-X", "UIDL").splitlines()] == pop3.uids(roost)
    run("9", status=8)  # there is no such message
    run("1", "-X", "DELE", "-I")
    assert set(account.letters(roost)) == {"two"}
