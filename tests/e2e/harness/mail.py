"""Messages to send, and the usual ways to send and read them."""
import email
import email.message
import email.policy
import imaplib
import itertools
import smtplib
import ssl
from typing import Any

from harness.peer import trusting
from harness.server import PASSWORDS, Roost, address

STRANGER = "carol@example.net"  # the author of a letter, unless it is told another
_numbers = itertools.count(1)


def unique() -> str:
    """A word that no other message of this run has."""
    return f"unique-{next(_numbers):06d}"


def letter(subject: str, body: str = "Hello.\n", sender: str = STRANGER,
           to: str = "alice@example.org", **fields: str) -> bytes:
    """A small message as bytes with CRLF line ends."""
    m = email.message.EmailMessage(policy=email.policy.SMTP)
    m["From"], m["To"], m["Subject"] = sender, to, subject
    m["Date"] = "Fri, 02 Jan 2026 10:00:00 +0000"
    m["Message-ID"] = f"<{unique()}@example.net>"
    for name, value in fields.items():
        m[name.replace("_", "-")] = value
    m.set_content(body)
    return m.as_bytes()


def parse(raw: bytes) -> email.message.EmailMessage:
    """The other way round."""
    m = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(m, email.message.EmailMessage)
    return m


def deliver(roost: Roost, message: bytes, sender: str = "carol@example.net",
            to: str | list[str] = "alice@example.org") -> None:
    """As another server would bring it."""
    with smtplib.SMTP("127.0.0.1", roost.ports["smtp"], "client.example.net", timeout=20) as s:
        refused = s.sendmail(sender, to, message)
        assert refused == {}, refused


class UserSession(smtplib.SMTP):
    """A user is the author of what he sends: the stranger of a letter becomes the sender."""

    sender = ""

    def mail(self, sender: str, options: Any = ()) -> Any:
        self.sender = sender
        return super().mail(sender, options)

    def data(self, msg: Any) -> Any:
        if isinstance(msg, bytes) and self.sender:
            msg = msg.replace(f"From: {STRANGER}\r\n".encode(),
                              f"From: {self.sender}\r\n".encode(), 1)
        return super().data(msg)


def submission(roost: Roost, user: str = "alice", password: str | None = None) -> smtplib.SMTP:
    """A user's session on the submission port, logged in over STARTTLS."""
    s = UserSession("127.0.0.1", roost.ports["submission"], "client.example.net", timeout=20)
    s.starttls(context=trusting())
    s.login(address(user), PASSWORDS[user] if password is None else password)
    return s


def submit(roost: Roost, message: bytes, to: str | list[str], user: str = "alice") -> None:
    """Send mail as a user."""
    with submission(roost, user) as s:
        refused = s.sendmail(address(user), to, message)
        assert refused == {}, refused


def mailbox(roost: Roost, user: str = "alice", name: str | None = "INBOX",
            context: ssl.SSLContext | None = None) -> imaplib.IMAP4_SSL:
    """A user's IMAP session over TLS, with a mailbox selected."""
    m = imaplib.IMAP4_SSL("127.0.0.1", roost.ports["imaps"], ssl_context=context or trusting(),
                          timeout=20)
    m.login(address(user), PASSWORDS[user])
    if name is not None:
        status, data = m.select(name)
        assert status == "OK", data
    return m


def messages(m: imaplib.IMAP4) -> list[bytes]:
    """Everything in the selected mailbox, unread messages staying so."""
    status, data = m.uid("FETCH", "1:*", "(BODY.PEEK[])")
    assert status == "OK", data
    return [part[1] for part in data if isinstance(part, tuple)]


def inbox(roost: Roost, user: str = "alice", name: str = "INBOX") -> list[bytes]:
    """The messages of a user's mailbox."""
    m = mailbox(roost, user, name)
    try:
        return messages(m)
    finally:
        m.logout()
