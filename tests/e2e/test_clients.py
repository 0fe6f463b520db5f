"""Programs from Debian that send and look, on each port they would use."""
import subprocess
from pathlib import Path

import pytest

from harness import clients, mail
from harness.peer import until
from harness.server import PASSWORDS, Roost, address
from harness.smtp_sink import Sink


@pytest.mark.parametrize("port, how", [("submission", "-tls"), ("submissions", "-tlsc")])
def test_swaks_logs_in_and_sends(sender: Roost, sink: Sink, port: str, how: str) -> None:
    done = subprocess.run(
        ["swaks", "--server", f"127.0.0.1:{sender.ports[port]}", how, "--auth", "PLAIN",
         "--auth-user", address("alice"), "--auth-password", PASSWORDS["alice"],
         "--from", "alice@example.org", "--to", "friend@example.net", "--body", "by swaks"],
        capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert b"by swaks" in sink.wait()[0].data


def test_swaks_with_a_wrong_password(roost: Roost) -> None:
    done = subprocess.run(
        ["swaks", "--server", f"127.0.0.1:{roost.ports['submission']}", "-tls", "--auth", "LOGIN",
         "--auth-user", address("alice"), "--auth-password", "guess",
         "--from", "alice@example.org", "--to", "friend@example.net"],
        capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 28, done.stdout  # its status for a failed login
    assert "535 5.7.8" in done.stdout


def test_msmtp_to_a_local_user(roost: Roost, tmp_path: Path) -> None:
    clients.msmtp(roost, tmp_path, "Subject: hello bob\n\n.\nby msmtp\n", "bob@example.org")
    (raw,) = mail.inbox(roost, "bob")
    assert b"Subject: hello bob" in raw and raw.endswith(b"\r\n\r\n.\r\nby msmtp\r\n")


def test_curl_sends_and_reads(roost: Roost, tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(mail.letter("by curl", sender="alice@example.org"))
    login = ["-sk", "-u", f"{address('alice')}:{PASSWORDS['alice']}"]
    clients.run(["curl", *login, f"smtps://127.0.0.1:{roost.ports['submissions']}",
                 "--mail-from", "alice@example.org", "--mail-rcpt", "alice@example.org",
                 "-T", str(tmp_path / "letter")], tmp_path)
    for url in (f"imaps://127.0.0.1:{roost.ports['imaps']}/INBOX;UID=1",
                f"imap://127.0.0.1:{roost.ports['imap']}/INBOX;UID=1"):
        done = clients.run(["curl", *login, "--ssl-reqd", url], tmp_path)
        assert "Subject: by curl" in done.stdout


@pytest.mark.parametrize("service, words", [
    ("smtp", ["-starttls", "smtp"]), ("submission", ["-starttls", "smtp"]), ("submissions", []),
    ("imap", ["-starttls", "imap"]), ("imaps", []), ("https", [])])
def test_openssl_shakes_hands_on_every_port(roost: Roost, service: str,
                                            words: list[str]) -> None:
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{roost.ports[service]}",
         "-servername", "mx.example.org", "-nameopt", "RFC2253", *words],
        input="", capture_output=True, text=True, timeout=30, check=False)
    assert "subject=CN=mx.example.org" in done.stdout, done.stdout + done.stderr
    assert "Protocol  : TLSv1.2" in done.stdout or "TLSv1.2, Cipher is " in done.stdout


def test_smtp_source_of_postfix(roost: Roost) -> None:
    done = subprocess.run(["smtp-source", "-s", "10", "-m", "200", "-l", "2000",
                           "-f", "carol@example.net", "-t", "alice@example.org",
                           f"127.0.0.1:{roost.ports['smtp']}"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert len(until(lambda: mail.inbox(roost))) == 200
