"""Programs that keep an account and a Maildir, or two accounts, the same: set up for alice."""
import hashlib
import ssl
from pathlib import Path

from harness.clients import certificate, run, write
from harness.server import PASSWORDS, Roost, address


class Maildir:
    """A Maildir and those beside it, as people and programs change them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("new", "cur", "tmp"):
            (path / name).mkdir(parents=True, exist_ok=True)

    def files(self) -> list[Path]:
        """Its messages, new ones first."""
        return [p for name in ("new", "cur") for p in sorted((self.path / name).iterdir())]

    def subjects(self) -> dict[str, str]:
        """Each message's subject with its flags, as "FS"."""
        found = {}
        for path in self.files():
            fields = path.read_bytes().split(b"\n\n")[0].splitlines()
            subject = next(f for f in fields if f.startswith(b"Subject: "))[9:].decode().strip()
            found[subject] = path.name.partition(":2,")[2]
        return found

    def find(self, subject: str) -> Path:
        """The file of a message."""
        return next(p for p in self.files()
                    if f"Subject: {subject}\n".encode() in p.read_bytes().replace(b"\r\n", b"\n"))

    def flag(self, subject: str, flags: str) -> None:
        """Give a message these flags and no others."""
        path = self.find(subject)
        path.rename(self.path / "cur" / (path.name.split(":")[0] + ":2," + flags))

    def add(self, letter: bytes, name: str) -> None:
        """A new message."""
        (self.path / "new" / name).write_bytes(letter.replace(b"\r\n", b"\n"))


def mbsync(roost: Roost, folder: Path, *options: str) -> str:
    """Between the account and Maildirs below folder/mail; what it says."""
    config = write(folder / "mbsyncrc", f"""
IMAPStore far
Host 127.0.0.1
Port {roost.ports['imaps']}
User {address('alice')}
Pass "{PASSWORDS['alice']}"
SSLType IMAPS
CertificateFile {certificate(roost, folder)}

MaildirStore near
Path {folder}/mail/
Inbox {folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
""")
    (folder / "mail").mkdir(exist_ok=True)
    done = run(["mbsync", "-V", "-c", str(config), *options, "all"], folder)
    assert "warning" not in done.stderr.lower() and "error" not in done.stderr.lower(), done
    return done.stdout + done.stderr


def offlineimap(roost: Roost, folder: Path, *settings: str) -> str:
    """Between the account and Maildirs below folder/mail; what it says."""
    config = write(folder / "offlineimaprc", f"""
[general]
accounts = alice
metadata = {folder}/offlineimap
ui = basic

[Account alice]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = {folder}/mail
sync_deletes = yes

[Repository far]
type = IMAP
remotehost = 127.0.0.1
remoteport = {roost.ports['imaps']}
remoteuser = {address('alice')}
remotepass = {PASSWORDS['alice']}
ssl = yes
cert_fingerprint = {fingerprint(roost)}
""" + "\n".join(settings) + "\n")
    (folder / "mail").mkdir(exist_ok=True)
    done = run(["offlineimap", "-o", "-c", str(config)], folder)
    assert "ERROR" not in done.stdout + done.stderr, done
    return done.stdout + done.stderr


def fingerprint(roost: Roost) -> str:
    """Of the server's certificate, as offlineimap wants it."""
    text = ssl.get_server_certificate(("127.0.0.1", roost.ports["imaps"]))
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(text)).hexdigest()


def interimap_config(roost: Roost, folder: Path) -> Path:
    """For alice's account and bob's."""
    def side(user: str) -> str:
        return f"""type = imaps
host = 127.0.0.1
port = {roost.ports['imaps']}
username = {address(user)}
password = {PASSWORDS[user]}
compress = YES
SSL_verify = NO
"""
    return write(folder / "interimap", f"""database = {folder}/interimap.db
list-mailbox = *
[local]
{side('alice')}
[remote]
{side('bob')}""")


def interimap(roost: Roost, folder: Path, *options: str) -> str:
    """Between alice's account and bob's, by QRESYNC below COMPRESS; what it says."""
    done = run(["interimap", f"--config={interimap_config(roost, folder)}", *options], folder)
    assert "WARNING" not in done.stderr.upper().replace("WARNING: CERTIFICATE", ""), done
    return done.stdout + done.stderr


def imapsync(roost: Roost, folder: Path) -> list[str]:
    """From alice's account to bob's, by imapsync's library in imapsync's way; what it did."""
    script = Path(__file__).with_name("imapsync.pl")
    done = run(["perl", str(script), str(roost.ports["imaps"]), address("alice"),
                PASSWORDS["alice"], address("bob"), PASSWORDS["bob"]], folder)
    return done.stdout.splitlines()
