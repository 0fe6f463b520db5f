"""Servers of others that mail is passed on to, or through: Dovecot as an LMTP server and as what
Postfix asks for passwords, and a SOCKS5 proxy."""
import base64
import hashlib
import os
import pwd
import shutil
from pathlib import Path

from harness.daemon import Daemon
from harness.ports import free_port
from harness.server import new_folder


def listens(port: int) -> bool:
    """Does somebody, on loopback? Without a connection, which some count."""
    wanted = f":{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as f:
        return any(words[1].endswith(wanted) and words[3] == "0A"
                   for words in (line.split() for line in f))


def kept(password: str, hashed: bool) -> str:
    """As it stands in Dovecot's file."""
    if not hashed:
        return "{PLAIN}" + password
    return "{SHA256.b64}" + base64.b64encode(hashlib.sha256(password.encode()).digest()).decode()


class Dovecot:
    """Keeps mail that comes by LMTP for its users, whose names are addresses; auth is a socket
    where Postfix asks for their passwords. hashed: it keeps those in a form that does for PLAIN only,
    and offers SCRAM all the same."""

    def __init__(self, users: dict[str, str], hashed: bool = False) -> None:
        self.root, self.port, self.daemon = new_folder(), free_port(), Daemon()
        self.auth = self.root / "run" / "postfix-auth"
        os.chmod(self.root, 0o755)
        (self.root / "mail").mkdir()
        shutil.chown(self.root / "mail", "dovecot")
        uid = pwd.getpwnam("dovecot").pw_uid
        (self.root / "users").write_text(
            "".join(f"{user}:{kept(password, hashed)}:{uid}:{uid}::{self.root}/mail/{user}\n"
                    for user, password in users.items()), "ascii")
        config = self.root / "dovecot.conf"
        config.write_text(f"""
base_dir = {self.root}/run
protocols = lmtp
listen = 127.0.0.1
ssl = no
log_path = /dev/stderr
mail_location = maildir:~/Maildir
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login scram-sha-256
passdb {{
  driver = passwd-file
  args = username_format=%u {self.root}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {self.root}/users
}}
protocol lmtp {{
  postmaster_address = postmaster@store.test
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.port}
  }}
}}
service auth {{
  unix_listener postfix-auth {{
    mode = 0666
  }}
}}
""", "ascii")
        self.daemon.run(["dovecot", "-F", "-c", str(config)],
                        {"PATH": "/usr/sbin:/usr/bin:/bin"},
                        lambda: listens(self.port) and self.auth.exists())

    def received(self, user: str) -> list[bytes]:
        """What is in a user's mailbox."""
        return [path.read_bytes()
                for path in sorted(Path(self.root, "mail", user).glob("Maildir/new/*"))]

    def close(self) -> None:
        """End it by its own process."""
        if self.daemon.process is not None:
            self.daemon.process.terminate()
            self.daemon.process.wait(20)
            self.daemon.process = None
        shutil.rmtree(self.root)


class Proxy:
    """microsocks, which makes its own connections from an address that tells them apart."""

    def __init__(self, source: str, user: str = "", password: str = "") -> None:
        self.port, self.daemon = free_port(), Daemon()
        login = ["-u", user, "-P", password] if user else []
        self.daemon.run(["microsocks", "-i", "127.0.0.1", "-p", str(self.port), "-b", source,
                         *login], {"PATH": "/usr/bin:/bin"}, lambda: listens(self.port))

    def close(self) -> None:
        """End it."""
        self.daemon.close()
