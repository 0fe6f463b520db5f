"""Programs that people read and send mail with, set up for alice."""
import ssl
import subprocess
from pathlib import Path

from harness.server import PASSWORDS, Roost, address


def run(words: list[str], folder: Path, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """A program with an environment of its own, which must go well."""
    done = subprocess.run(words, text=True, capture_output=True, timeout=60, check=False,
                          input=stdin, env={"HOME": str(folder), "PATH": "/usr/bin:/bin",
                                            "TERM": "xterm"})
    assert done.returncode == 0, done
    return done


def certificate(roost: Roost, folder: Path) -> Path:
    """The server's certificate in a file, as a client would pin it."""
    path = folder / "server.pem"
    path.write_text(ssl.get_server_certificate(("127.0.0.1", roost.ports["imaps"])), "ascii")
    return path


def mbsync(roost: Roost, folder: Path) -> Path:
    """Fetch the inbox into a Maildir, whose path is returned."""
    config = folder / "mbsyncrc"
    config.write_text(f"""
IMAPStore far
Host 127.0.0.1
Port {roost.ports['imaps']}
User {address('alice')}
Pass "{PASSWORDS['alice']}"
SSLType IMAPS
CertificateFile {certificate(roost, folder)}

MaildirStore near
Inbox {folder}/inbox

Channel inbox
Far :far:
Near :near:
Create Near
SyncState *
""", "ascii")
    done = run(["mbsync", "-c", str(config), "inbox"], folder)
    assert "warning" not in done.stderr.lower(), done.stderr
    return folder / "inbox"


def neomutt_read(roost: Roost, folder: Path) -> str:
    """Open the inbox in neomutt and show its first message; the text that it shows."""
    shown = folder / "shown"
    rc = folder / "neomuttrc"
    rc.write_text(f"""
set imap_user="{address('alice')}"
set imap_pass="{PASSWORDS['alice']}"
set ssl_force_tls=yes
set ssl_verify_host=no
set certificate_file="{certificate(roost, folder)}"
set folder="imaps://127.0.0.1:{roost.ports['imaps']}/"
set spoolfile="+INBOX"
set pipe_decode=yes
set wait_key=no
set quit=yes
push "<first-entry><pipe-message>cat >{shown}<enter><quit>"
""", "ascii")
    run(["script", "-qec", f"neomutt -n -F {rc}", "/dev/null"], folder)
    return shown.read_text("utf-8")


def msmtp(roost: Roost, folder: Path, message: str, to: str) -> None:
    """Send a message as alice, STARTTLS on the submission port."""
    config = folder / "msmtprc"
    config.write_text(f"""
account default
host 127.0.0.1
port {roost.ports['submission']}
from {address('alice')}
auth on
user {address('alice')}
password "{PASSWORDS['alice']}"
tls on
tls_starttls on
tls_certcheck off
""", "ascii")
    config.chmod(0o600)
    run(["msmtp", "-C", str(config), to], folder, message)
