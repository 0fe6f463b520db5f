"""Debian's Dovecot with one user, to bring mail from."""
import imaplib
import os
import pwd
import shutil
import socket
from pathlib import Path

from harness import pem
from harness.daemon import Daemon
from harness.peer import trusting
from harness.ports import free_port
from harness.server import new_folder

USER, PASSWORD, NAME = "old@example.net", "an older \\ \"one\"", "imap.example.net"


def available() -> bool:
    """Is it installed?"""
    return shutil.which("dovecot") is not None


class Dovecot:
    """A server on a loopback port, with TLS from the first byte."""

    def __init__(self) -> None:
        self.root = new_folder()
        self.port, self.daemon = free_port(), Daemon()
        os.chmod(self.root, 0o755)
        self.certificate, key = pem.make(self.root, "own", NAME)
        (self.root / "mail").mkdir()
        shutil.chown(self.root / "mail", "dovecot")
        uid = pwd.getpwnam("dovecot").pw_uid
        (self.root / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}:{uid}:{uid}::"
                                         f"{self.root}/mail/user\n", "ascii")
        config = self.root / "dovecot.conf"
        config.write_text(f"""
base_dir = {self.root}/run
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{self.certificate}
ssl_key = <{key}
log_path = /dev/stderr
mail_location = maildir:~/Maildir
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = username_format=%u {self.root}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {self.root}/users
}}
namespace inbox {{
  inbox = yes
  separator = .
  mailbox "Sent Messages" {{
    special_use = \\Sent
    auto = create
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {self.port}
  }}
}}
""", "ascii")
        self.daemon.run(["dovecot", "-F", "-c", str(config)], {"PATH": "/usr/sbin:/usr/bin:/bin"},
                        self.answers)

    def answers(self) -> bool:
        """Does it listen?"""
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def session(self) -> imaplib.IMAP4_SSL:
        """Somebody is logged in."""
        m = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=trusting(), timeout=20)
        m.login(USER, PASSWORD)
        return m

    def url(self) -> str:
        """Where to bring mail from."""
        return f"imaps://{USER}@{NAME}:{self.port}"

    def close(self) -> None:
        """End it."""
        self.daemon.process and self.daemon.process.terminate()
        self.daemon.process and self.daemon.process.wait(20)
        self.daemon.process = None
        shutil.rmtree(self.root)
